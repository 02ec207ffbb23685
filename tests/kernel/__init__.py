"""Tests of twofold.kernel."""
