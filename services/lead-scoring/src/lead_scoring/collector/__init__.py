"""Lead events over HTTP: validated, acknowledged and published to Kafka."""
