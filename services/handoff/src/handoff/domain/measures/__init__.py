"""What is measured of handoffs: rounds, rates, durations, pairs, the weekly agenda."""
