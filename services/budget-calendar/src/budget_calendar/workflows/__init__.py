"""What lives for years in Temporal: budget cycles, pursuits, and what starts and tells them."""
