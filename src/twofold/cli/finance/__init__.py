"""Commands of the finance book: what an accountant does."""
