import subprocess
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from confluent_kafka import KafkaException, TopicPartition

from benchmarks import watching
from benchmarks.contestants import Contestant, ContestantError
from benchmarks.watching import Cpu, Ends, Group, to_readable

EVENTS = 7


@dataclass
class Broker:
    """Answers as an AdminClient does; all that it holds is in partition 0."""

    messages: int
    without_leader: int = 0
    """So many answers to come are refused."""

    def list_offsets(self, asked: dict[TopicPartition, Any]) -> dict[TopicPartition, Future[Any]]:
        answers: dict[TopicPartition, Future[Any]] = {each: Future() for each in asked}
        for partition, answer in answers.items():
            if self.without_leader:
                answer.set_exception(KafkaException("no leader"))
            else:
                held = self.messages if partition.partition == 0 else 0
                answer.set_result(SimpleNamespace(offset=held))
        self.without_leader = max(0, self.without_leader - 1)
        return answers

    def ends(self) -> Ends:
        return Ends(cast("Any", self), "scores")


def worked_off() -> Group:
    return cast("Group", SimpleNamespace(committed=lambda: EVENTS))


def no_cpu() -> Cpu:
    return cast("Cpu", SimpleNamespace(used=dict))


def test_what_is_published_before_the_first_look_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "TIMEOUT", 0.5)
    broker = Broker(messages=100)
    ends = broker.ends()
    broker.messages += 3
    assert to_readable(worked_off(), EVENTS, ends, lambda: 3, no_cpu).results == 3


def test_a_topic_without_a_leader_is_waited_for() -> None:
    broker = Broker(messages=100, without_leader=2)
    ends = broker.ends()
    broker.messages += 3
    assert ends.readable() == 3


def test_a_run_that_is_not_done_says_what_is_missing_and_shows_every_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TIMEOUT", 0.1)
    broker = Broker(messages=100)
    ends = broker.ends()
    broker.messages += 2
    running = cast("subprocess.Popen[bytes]", SimpleNamespace(poll=lambda: None))
    busy = []
    for name in ("consumer", "relay"):
        log = tmp_path / name
        log.write_text(f"the {name}'s last words\n", encoding="utf-8")
        busy.append(Contestant(name, running, log))
    with pytest.raises(ContestantError) as failed:
        to_readable(worked_off(), EVENTS, ends, lambda: 3, no_cpu, *busy)
    for said in (
        "consumer and relay",
        "all 7 events are committed, 2 of 3 messages can be read",
        "the consumer's last words",
        "the relay's last words",
    ):
        assert said in str(failed.value)
