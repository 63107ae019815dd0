"""Council sessions as published: files read at the edge, with everything that cannot be read."""
