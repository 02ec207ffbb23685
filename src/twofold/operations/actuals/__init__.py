"""Actuals as they are read: with their derived states, their connections, and their journey.

An actual is a fact. It is written by approvals, cancellations and confirmations, reversed at most
once, and never changed; its adjustment and billing status follow from what happened to it.
"""
