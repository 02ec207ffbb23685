"""Change sets: sealed in one book, delivered to the other, explained to people."""
