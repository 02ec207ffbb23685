"""Who asks, and what they may do: people, roles per company, sign-in, sessions, tokens.

Kept in a schema of its own beside the operations book, as a role of its own: no program that works
in a book can read a password hash, and the page that checks passwords cannot write a book.
"""
