"""Measures throughput, latency and memory in one run, beside a floor and a peer: see README.md."""
