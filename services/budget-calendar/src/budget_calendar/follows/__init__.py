"""Which municipalities are followed, and whether their workflows know of every revision."""
