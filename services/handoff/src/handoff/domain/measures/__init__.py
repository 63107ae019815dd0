"""Measures of handoffs: rounds, rates, durations, pairs, the weekly agenda."""
