"""``python -m kakehashi_common.kafka.topics apply | check``: make Kafka match the declared topics.

``apply`` creates what is missing, adds partitions and corrects settings; it never takes away
partitions and never deletes a topic. ``check`` changes nothing and exits with 1 on a difference.
Kafka is found by ``KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS`` and its siblings (see ``KafkaSettings``).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    TopicAlreadyExistsError,
    for_code,
)
from rich.table import Table

from kakehashi_common.contracts.topics import (
    DEAD_LETTER_RECORD_BYTES,
    DEAD_LETTER_RETENTION,
    MAX_RECORD_BYTES,
    TOPICS,
    Topic,
)
from kakehashi_common.kafka import prompt_close
from kakehashi_common.kafka.command import run
from kakehashi_common.kafka.diagnostics import explain_unreachable
from kakehashi_common.kafka.settings import KafkaCommandSettings, KafkaSettings
from kakehashi_common.settings import load
from kakehashi_common.terminal import Console

DEAD_LETTER_PARTITIONS = 1
"""Few records, read by a person: one partition keeps them in the order in which they failed."""


MAX_REPLICAS = 3
"""One copy per broker up to this many."""

VISIBLE_TIMEOUT_SECONDS = 15.0
"""Brokers follow the controller within milliseconds; a busy one takes its time."""

_LOOK_AGAIN_SECONDS = 0.05

_SET_FOR_THE_TOPIC = 1
"""Kafka's DYNAMIC_TOPIC_CONFIG: where a setting comes from."""


@asynccontextmanager
async def admin_client(settings: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an administrator's connection.

    Raises:
        UnreachableError: no server takes it; says why.
    """
    prompt_close.install()
    admin = AIOKafkaAdminClient(**settings.client_arguments())
    try:
        async with explain_unreachable(settings):
            await admin.start()
        yield admin
    finally:
        await admin.close()


@dataclass(frozen=True, slots=True)
class KafkaTopic:
    """A topic as Kafka knows it."""

    name: str
    partitions: int
    configs: Mapping[str, str]
    overrides: Mapping[str, str] = field(default_factory=dict)
    """Those of ``configs`` that were set for this topic, by us or by hand."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting in which Kafka is not as declared."""

    topic: str
    setting: str
    declared: str
    found: str


def declared(topics: Iterable[Topic] = TOPICS) -> list[KafkaTopic]:
    """Return each topic and its dead-letter topic with the settings it should have."""
    result = []
    for topic in topics:
        keeps = (
            {"cleanup.policy": "compact"}
            if topic.retention is None
            else {
                "cleanup.policy": "delete",
                "retention.ms": str(int(topic.retention.total_seconds() * 1000)),
            }
        )
        size = {"max.message.bytes": str(MAX_RECORD_BYTES)}
        result.append(KafkaTopic(topic.name, topic.partitions, keeps | size))
        if topic.dead_letters:
            milliseconds = str(int(DEAD_LETTER_RETENTION.total_seconds() * 1000))
            configs = {
                "cleanup.policy": "delete",
                "retention.ms": milliseconds,
                "max.message.bytes": str(DEAD_LETTER_RECORD_BYTES),
            }
            result.append(KafkaTopic(topic.dead_letter_topic, DEAD_LETTER_PARTITIONS, configs))
    return result


def differences(wanted: Sequence[KafkaTopic], found: Mapping[str, KafkaTopic]) -> list[Difference]:
    """Return where ``found`` is not as ``wanted``; more partitions than declared are fine."""
    result = []
    for topic in wanted:
        there = found.get(topic.name)
        if there is None:
            result.append(Difference(topic.name, "topic", "exists", "missing"))
            continue
        if there.partitions < topic.partitions:
            result.append(
                Difference(topic.name, "partitions", str(topic.partitions), str(there.partitions))
            )
        result.extend(
            Difference(topic.name, name, value, there.configs.get(name, "unset"))
            for name, value in topic.configs.items()
            if there.configs.get(name) != value
        )
    return result


async def describe(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, KafkaTopic]:
    """Return those of ``names`` that Kafka has."""
    existing = sorted(set(names) & set(await admin.list_topics()))
    if not existing:
        return {}
    partitions = {
        topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics(existing)
    }
    answers = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in existing]
    )
    found = {}
    for answer in answers:
        for _code, _message, _kind, name, entries in answer.resources:
            configs = {entry[0]: entry[1] for entry in entries}
            overrides = {entry[0]: entry[1] for entry in entries if entry[3] == _SET_FOR_THE_TOPIC}
            found[name] = KafkaTopic(name, partitions[name], configs, overrides)
    return found


async def apply(admin: AIOKafkaAdminClient, wanted: Sequence[KafkaTopic]) -> list[Difference]:
    """Make Kafka match ``wanted``; return what was changed.

    Raises:
        KafkaError: Kafka refused a change, or does not show it.
    """
    found = await describe(admin, [topic.name for topic in wanted])
    changes = differences(wanted, found)
    changed = {change.topic for change in changes}
    missing = [topic for topic in wanted if topic.name not in found]
    if missing:
        brokers = len((await admin.describe_cluster())["brokers"])
        replicas = min(brokers, MAX_REPLICAS)
        answer = await admin.create_topics(
            [
                NewTopic(t.name, t.partitions, replicas, topic_configs=dict(t.configs))
                for t in missing
            ]
        )
        _check(answer.topic_errors, but=TopicAlreadyExistsError)
    grow = {
        t.name: NewPartitions(t.partitions)
        for t in wanted
        if t.name in found and found[t.name].partitions < t.partitions
    }
    if grow:
        await admin.create_partitions(grow)  # raises what Kafka refuses, unlike the others
    correct = [t for t in wanted if t.name in found and t.name in changed]
    if correct:
        # This request replaces all settings of a topic: those made by hand are sent along.
        resources = [
            ConfigResource(
                ConfigResourceType.TOPIC,
                t.name,
                configs={**found[t.name].overrides, **t.configs},
            )
            for t in correct
        ]
        answers = await admin.alter_configs(resources)
        for altered in answers:
            _check((name, code, text) for code, text, _kind, name in altered.resources)
    if changes:
        await _shown(admin, wanted)
    return changes


async def _shown(admin: AIOKafkaAdminClient, wanted: Sequence[KafkaTopic]) -> None:
    """Return when the brokers have heard of a change that the controller has made."""
    try:
        async with asyncio.timeout(VISIBLE_TIMEOUT_SECONDS):
            # Kafka sends no notification when it has spread: one has to look
            while differences(  # noqa: ASYNC110
                wanted, await describe(admin, [topic.name for topic in wanted])
            ):
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    except TimeoutError:
        raise KafkaTimeoutError("the topics were changed, and the brokers don't show it") from None


def _check(results: Iterable[Sequence[Any]], but: type[KafkaError] | None = None) -> None:
    for name, code, *message in results:
        error = for_code(code)
        if code != 0 and error is not but:
            raise error(f"{name}: {message[0] if message and message[0] else error.description}")


cli = typer.Typer(
    help=__doc__, rich_markup_mode="markdown", no_args_is_help=True, add_completion=False
)
Only = Annotated[list[str] | None, typer.Argument(help="Names of topics; all when left out")]


@cli.command("apply")
def apply_command(only: Only = None) -> None:
    """Create what is missing, add partitions, correct settings. Never takes anything away."""
    changes = run(_work(only, change=True))
    _show(changes, "Changed", "Every topic is as declared; nothing to change.")


@cli.command("check")
def check_command(only: Only = None) -> None:
    """Show where Kafka is not as declared, and exit with 1 if it is not."""
    found = run(_work(only, change=False))
    _show(found, "Not as declared", "Every topic is as declared.")
    if found:
        raise typer.Exit(1)


async def _work(only: Sequence[str] | None, *, change: bool) -> list[Difference]:
    unknown = set(only or ()) - {topic.name for topic in TOPICS}
    if unknown:
        raise typer.BadParameter(f"no topic is called {', '.join(sorted(unknown))}")
    wanted = declared(topic for topic in TOPICS if not only or topic.name in only)
    async with admin_client(load(KafkaCommandSettings)) as admin:
        if change:
            return await apply(admin, wanted)
        return differences(wanted, await describe(admin, [topic.name for topic in wanted]))


def _show(changes: Sequence[Difference], title: str, none: str) -> None:
    console = Console()
    if not changes:
        console.print(none)
        return
    table = Table("topic", "setting", "declared", "found", title=title)
    for change in changes:
        table.add_row(change.topic, change.setting, change.declared, change.found)
    console.print(table)


if __name__ == "__main__":
    cli()
