"""Values and words that all rooms share: money, actors, errors. No input or output."""
