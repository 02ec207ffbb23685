"""Rows as they stand, without a set: initial write, back-fill, reconcile and repair."""
