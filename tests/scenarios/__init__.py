"""Whole flows over both books."""
