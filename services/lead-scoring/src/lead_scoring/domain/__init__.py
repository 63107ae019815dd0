"""What a score is, how it explains itself, and what follows from it. Standard library only."""
