"""A replay of real events: the BPI Challenge 2012 stream."""
