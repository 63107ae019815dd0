"""The commands by which an operator lets consumers go on: ``dead_letters skip``, ``admit``."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from aiokafka import TopicPartition

from kakehashi_common.contracts.topics import DEAD_LETTER_SUFFIX
from kakehashi_common.dead_letters import decisions
from kakehashi_common.dead_letters.decisions import Admission
from kakehashi_common.kafka.command import run
from kakehashi_common.kafka.settings import KafkaCommandSettings
from kakehashi_common.settings import load
from kakehashi_common.terminal import Console

TopicName = Annotated[str, typer.Argument(metavar="TOPIC", help="Where the records are")]


def skip_command(
    topic: TopicName,
    place: Annotated[
        str, typer.Argument(metavar="PARTITION:OFFSET", help="As `/readyz` and the log name it")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask")] = False,
) -> None:
    """Let consumers pass over a record batch that can't be unpacked.

    A dead letter says where it was and why. The records in it are lost to us: have their publisher
    send them again. Running consumers go on within seconds.
    """
    origin = topic.removesuffix(DEAD_LETTER_SUFFIX)
    partition, _, offset = place.rpartition(":")
    if not partition.isdecimal() or not offset.isdecimal():
        raise typer.BadParameter(f"{place} is no place: give PARTITION:OFFSET, such as 3:1017")
    settings = load(KafkaCommandSettings)
    where = TopicPartition(origin, int(partition))
    batch = run(decisions.unreadable_batch(settings, where, int(offset)))
    console = Console(soft_wrap=True, markup=False, highlight=False)
    console.print(f"{batch.place} up to offset {batch.next_offset - 1}: {batch.reason}")
    if not yes:
        typer.confirm(f"Pass over these {batch.size:,} bytes?", abort=True)
    run(decisions.skip(settings, batch))
    console.print(f"Consumers go on at offset {batch.next_offset}.")


def admit_command(
    topic: TopicName,
    *,
    source: Annotated[
        str | None, typer.Option(help="Only records of this CloudEvents source", show_default=False)
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="For how long")] = 60,
) -> None:
    """Let dead letters into the queue although they are more than the limit, for a while.

    A consumer that is halted goes on within seconds, and so does one that starts again.
    """
    origin = topic.removesuffix(DEAD_LETTER_SUFFIX)
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    admission = Admission(origin, until, source)
    run(decisions.admit(load(KafkaCommandSettings), admission))
    whose = "all sources" if source is None else source
    Console(soft_wrap=True, markup=False, highlight=False).print(
        f"Until {until:%Y-%m-%d %H:%M} UTC dead letters of {whose} go to "
        f"{origin}{DEAD_LETTER_SUFFIX} uncounted."
    )
