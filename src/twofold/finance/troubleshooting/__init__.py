"""The troubleshooting log: what imports and postings could not do, and why, newest first.

Each run replaces what it said about a record before, so that a message stands for what is wrong
now. The processes write the messages themselves, with the rows they are about.
"""
