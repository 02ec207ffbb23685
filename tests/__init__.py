"""The tests: rows in, rows out, against real servers."""
