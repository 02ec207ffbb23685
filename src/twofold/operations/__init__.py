"""The operations book: work done, and what of it is billed."""
