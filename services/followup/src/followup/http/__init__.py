"""The HTTP edge: the application and its description."""
