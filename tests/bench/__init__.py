"""Throughput of the whole flow against the floor of the same run: `python -m tests.bench -h`."""
