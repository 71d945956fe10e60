"""Benchmarks: each prints what it measured, on the machine it ran on."""
