"""How much customers use what they bought."""
