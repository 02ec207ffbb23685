"""Tests of the finance book."""
