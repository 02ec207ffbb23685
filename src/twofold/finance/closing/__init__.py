"""What an accountant does at the end of a period and of a year."""
