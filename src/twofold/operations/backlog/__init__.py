"""The billing backlog: unbilled sales and milestones that are still to be invoiced.

An item is created, then marked ready, then on a proforma; a milestone is not ready, ready, on a
proforma, posted. What is invoiced, cancelled or adjusted has left the backlog.
"""
