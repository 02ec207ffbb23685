"""The few flows that span both books: confirming live, delivering, following a document.

A process belongs to one book and never calls another; what puts processes of both books, and
dual-write between them, in an order that users rely on is here, once for every entry point.
"""
