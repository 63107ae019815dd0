"""``registry import``: published files in; municipalities, and what did not match, out."""
