"""Revenue estimates of fixed prices: what is recognised apart from what is invoiced."""
