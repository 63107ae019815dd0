"""Steps of sequences: prepared for a person, planned, sent."""
