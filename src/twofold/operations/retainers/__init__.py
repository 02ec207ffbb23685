"""Retainers and advances: what a customer pays before the work, set up, refunded and listed.

They are billed, applied and refunded on proformas (``operations.proforma``).
"""
