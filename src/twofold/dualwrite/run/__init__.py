"""The standing process between the books, and what watches over it."""
