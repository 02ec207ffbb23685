"""The command line: one module per command group.

Each command reads settings, opens the books, calls one process and prints what came of it.
"""
