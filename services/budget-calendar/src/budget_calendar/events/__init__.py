"""Events to publish: what they say, and publishing each of them once."""
