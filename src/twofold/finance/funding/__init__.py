"""Who funds what is sold on a contract, by the rules and limits agreed with its sources."""
