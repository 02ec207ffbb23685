"""The worked cases report what is not built."""

from tests.vectors.report import pytest_terminal_summary

__all__ = ("pytest_terminal_summary",)
