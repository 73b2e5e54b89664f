"""Benchmarks: Hamlets beside the engines an analyst might use instead. Never timed tests."""
