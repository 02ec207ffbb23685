"""Tests of twofold.database."""
