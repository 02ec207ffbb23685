"""Entries: the time, expenses, materials and fees that people record, up to their approval.

An *entry* is a draft until it is submitted. Submission prices it into *journal lines* (what it
costs, and what it sells for where a time-and-material line covers it) and opens an *approval*,
which waits for a decision. Approval turns the lines into *actuals*, numbered in one block per
entry, and puts the sales into the billing backlog. ``formats`` reads the files people export.

States   draft -> submitted -> approved -> recall_requested -> returned or rejected; submitted
         goes back to draft (recall), to returned or rejected (reject), approved back to
         submitted (cancel). Time is returned, everything else is rejected.
Always   a submitted entry has one approval, and no other entry has one; an approved entry names
         the block of its actuals; an approval that is undone leaves one reversal per actual.
Locks    whoever changes a submitted entry locks its approval first; whoever changes an approved
         one locks the entry, then its backlog items.
"""
