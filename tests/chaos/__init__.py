"""Two books, many users, several engines, and everything dying at random for a while."""
