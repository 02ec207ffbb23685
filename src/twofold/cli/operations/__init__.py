"""Commands of the operations book: what a project manager does."""
