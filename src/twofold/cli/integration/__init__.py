"""Commands between the books: what whoever runs the bridge does."""
