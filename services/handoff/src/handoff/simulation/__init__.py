"""A sales organisation in memory, whose handoffs live on the time-skipping server."""
