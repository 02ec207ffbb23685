"""Proof: which two books belong together, and that what was applied is still what was applied."""
