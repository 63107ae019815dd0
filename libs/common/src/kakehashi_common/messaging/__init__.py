"""Kafka: events in, events out, nothing lost.

``batch.BatchConsumer`` and ``message.MessageConsumer`` read; ``cloudevents`` decodes and encodes;
``producer.idempotent_producer`` writes; ``settings`` says how to reach Kafka.
"""
