"""CloudEvents 1.0: decode and encode events, over Kafka and HTTP, and say why one is refused."""
