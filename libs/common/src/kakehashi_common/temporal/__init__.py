"""Temporal: clients, workers, encrypted payloads, search attributes."""

from kakehashi_common.temporal.client import connect, connect_when_there, ping
from kakehashi_common.temporal.codec import EncryptingCodec, codec, data_converter
from kakehashi_common.temporal.search_attributes import register_search_attributes
from kakehashi_common.temporal.worker import TemporalWorker, make_worker

__all__ = [
    "EncryptingCodec",
    "TemporalWorker",
    "codec",
    "connect",
    "connect_when_there",
    "data_converter",
    "make_worker",
    "ping",
    "register_search_attributes",
]
