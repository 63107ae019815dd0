"""The catalogue of content, and what was chosen of it for each step."""
