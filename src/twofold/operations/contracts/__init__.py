"""The life of a contract: drafted, confirmed, perhaps held, at last completed or lost.

States   draft -> active <-> on_hold; each of them -> closed, completed or lost, for good. A
         contract starts in the state its setup names; from then on these processes move it.
Always   confirming and re-evaluating make the actuals of its entries anew, except what was
         invoiced, is on a draft, on an open correction journal or in a completed project.
Locks    the contract first, then entries, then backlog items, each in key order.
"""
