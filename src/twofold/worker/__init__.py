"""The worker: takes the jobs that people asked for, and calls one process for each.

Like a page it translates, authorises and calls; it holds no rule of the business.
"""
