"""Pages of whoever runs the bridge."""
