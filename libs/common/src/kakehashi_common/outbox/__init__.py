"""The outbox: events stored in the transaction that causes them, and the relay to Kafka."""
