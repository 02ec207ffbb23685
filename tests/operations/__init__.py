"""Tests of twofold.operations."""
