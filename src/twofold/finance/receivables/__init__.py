"""What customers owe: their open transactions, what they pay, and what is settled with what."""
