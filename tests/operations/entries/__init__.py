"""Tests of twofold.operations.entries."""
