"""Setup of the finance book: what an accountant states in one file, applied as a whole.

A setup file names companies and, for each, its accounts, periods, rates, tax, sequences, profiles
and posting rules. It is read (``file``), judged together with what the book already knows
(``rules``), and written where it differs (``apply``). What a file does not name stays as it is.
"""
