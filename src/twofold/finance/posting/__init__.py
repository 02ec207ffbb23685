"""Posting: from a ready proposal to the customer invoice, its voucher and the ledger.

Also here is what every posting shares: numbers, the search for accounts and for profiles.
"""
