"""All SQL of lead-scoring. Functions take a connection and never commit."""
