"""Consumers of Kafka topics: events are handled at least once, in batches or one at a time."""
