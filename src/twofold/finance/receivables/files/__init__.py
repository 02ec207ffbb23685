"""Files of payments as banks and spreadsheets give them."""
