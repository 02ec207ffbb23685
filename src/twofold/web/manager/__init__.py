"""Pages of the project manager."""
