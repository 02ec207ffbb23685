"""Dual-write: carries change sets between the books, whole or not at all, and knows neither book.

What moves is declared in table maps (``table_maps``), compiled against both live schemas and
recorded when it is activated. A set is sealed in the transaction that makes it, pre-checked
before a live commit, and delivered in one transaction on the other side (``sets``). The truth
about "applied" is the receiver's inbox; everything else can be rebuilt from it.
"""
