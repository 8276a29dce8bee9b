"""Benchmarks: each prints one table and a ratio to a limit."""
