from collections import Counter
from datetime import UTC, datetime

from aiokafka import ConsumerRecord

from benchmarks.load import Load, Record
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.contracts.topics import LEAD_EVENTS

NOW = datetime(2026, 4, 1, 9, tzinfo=UTC)
LOAD = Load(2000, 50, NOW)


def record(key: bytes, value: bytes, headers: list[tuple[str, bytes]]) -> ConsumerRecord:
    return ConsumerRecord("t", 0, 0, 0, 0, key, value, None, len(key), len(value), tuple(headers))


def decoded(load: Load) -> list[str]:
    decoder = EventDecoder(LEAD_EVENTS.models)
    return [decoder.decode(record(*each), NOW).event.data.lead_id for each in load.records()]


def test_the_consumer_can_read_every_event() -> None:
    assert set(decoded(LOAD)) == {f"lead-{number:07d}" for number in range(50)}


def test_a_seed_gives_the_same_events_each_time() -> None:
    assert list(LOAD.records()) == list(Load(2000, 50, NOW).records())


def test_an_event_has_about_330_bytes() -> None:
    values: list[int] = [len(value) for _, value, _ in LOAD.records()]
    assert 300 < sum(values) / len(values) < 350


def test_event_ids_differ_and_name_the_run() -> None:
    def ids(records: list[Record]) -> Counter[bytes]:
        return Counter(dict(headers)["ce_id"] for _, _, headers in records)

    own, other = ids(list(LOAD.records())), ids(list(Load(2000, 50, NOW, run="x").records()))
    assert max(own.values()) == 1
    assert not own.keys() & other.keys()


def test_a_visit_is_several_events_in_a_row_of_one_lead() -> None:
    leads = decoded(Load(400, 1000, NOW, visit=4))
    assert all(len(set(leads[start : start + 4])) == 1 for start in range(0, 400, 4))
