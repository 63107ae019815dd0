"""Shared by all services: contracts, Kafka, CloudEvents, outbox, HTTP, Temporal, telemetry."""
