"""`make demo`: generated events in, what became of each of them out."""
