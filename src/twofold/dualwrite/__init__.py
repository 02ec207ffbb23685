"""Dual-write: carries change sets between the books, whole or not at all, and knows neither book.

What moves is declared in table maps (``language``), compiled against both live schemas
(``compile``), and recorded when it is activated (``activate``). A set is sealed in the
transaction that makes it (``seal``), pre-checked before a live commit (``precheck``), and
delivered in one transaction on the other side (``deliver``). The truth about "applied" is the
receiver's inbox; everything else can be rebuilt from it.
"""
