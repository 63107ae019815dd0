"""Kafka: settings, producers, readers, topics, and the clients made safe against bad input."""
