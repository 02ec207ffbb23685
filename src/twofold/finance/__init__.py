"""The finance book: what was agreed becomes accounts."""
