"""Dead letters: write, read and replay them, limit their share, and apply operators' decisions."""
