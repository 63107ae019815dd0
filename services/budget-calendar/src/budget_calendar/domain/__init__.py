"""What is known about budget years and what follows from it: the standard library alone."""
