"""Costs that finance posted itself, by general journal or vendor invoice, and what is sold of them.

They arrive by the map ``finance_costs`` and wait until they are taken over.
"""
