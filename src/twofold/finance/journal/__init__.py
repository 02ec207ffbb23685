"""The integration journal: costs and unbilled sales on their way to the ledger.

A journal is draft until it is posted as a whole. Lines that cannot be posted leave it for a
journal of their own in state error, with the reason; Update to draft brings that one back.
"""
