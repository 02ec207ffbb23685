"""Financial dimensions of the finance book: combinations, defaults, and what accounts take.

Everything here is decided once per combination of what it depends on, never per line; lines carry
the key of a combination that is kept once (decision 0017).
"""
