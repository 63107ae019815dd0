"""`make demo`: one town's predicted year, and a prefecture followed."""
