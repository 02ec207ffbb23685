"""Costs that finance posts on projects itself: general journals, vendor invoices.

They are in the ledger at once. A set tells operations, which makes the cost and the sale of them
(``operations.finance_costs``); the sale comes back through staging like any other, the cost never.
"""
