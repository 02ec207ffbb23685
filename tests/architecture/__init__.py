"""The house lint: what no tool checks, as tests."""
