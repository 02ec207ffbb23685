"""What tests share: the server, fresh books, text tables."""
