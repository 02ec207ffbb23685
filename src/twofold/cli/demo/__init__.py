"""The demo: the whole flow on the example files."""
