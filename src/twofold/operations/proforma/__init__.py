"""Proforma invoices: what the project manager bills, before finance turns it into an invoice.

A proforma has a header, one line per contract line of its contract, and one detail per billable
item. Draft and in review it may change; confirmed it never does, and billed sales actuals stand
for its details. Each open unbilled sale and each milestone is on at most one draft.
"""
