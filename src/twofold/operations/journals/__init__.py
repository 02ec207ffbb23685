"""Journals of the project manager: what changes actuals outside approval and billing.

A *correction journal* names approved entries and the values they should have had. While it is
open their actuals are In Process and nobody bills them; confirmed, each is reversed and made
anew with the right values. An *entry journal* makes actuals without an entry, line by line.

States   open -> confirmed or discarded; neither is changed afterwards.
Locks    the journal, then its entries, then their backlog items, each in key order.
"""
