"""Questions that are asked: answered out of the catalogue, or handed to a person."""
