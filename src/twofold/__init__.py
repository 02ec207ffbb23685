"""Twofold: project invoicing that keeps two books in step, operations and finance."""
