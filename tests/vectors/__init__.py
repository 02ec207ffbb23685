"""Worked cases as data, run against both books."""
