"""``python -m kakehashi_common.dead_letters COMMAND TOPIC``: inspect and replay dead letters.

TOPIC is the topic that the records came from (``lead-events-v1``) or its dead-letter topic. Kafka
is found by ``KAKEHASHI_KAFKA_BOOTSTRAP_SERVERS`` and its siblings (see ``KafkaSettings``).
"""

import json
import sys
from collections import Counter
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from kakehashi_common.dead_letters.decision_commands import admit_command, skip_command
from kakehashi_common.dead_letters.reader import DeadLetterQueue, Selection, StoredLetter
from kakehashi_common.kafka.command import run
from kakehashi_common.kafka.settings import KafkaCommandSettings
from kakehashi_common.settings import load
from kakehashi_common.terminal import Console

cli = typer.Typer(
    help=__doc__, rich_markup_mode="markdown", no_args_is_help=True, add_completion=False
)

TopicArgument = Annotated[str, typer.Argument(metavar="TOPIC", help="Where the records came from")]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", help="Only this error class, as `list` shows it")
]
FromOption = Annotated[int, typer.Option("--from", min=0, help="First offset in the -dlq topic")]
ToOption = Annotated[
    int, typer.Option("--to", min=0, help="Last offset, included", show_default=False)
]

_BODY_SHOWN = 4_000


@cli.command("list")
def list_command(
    topic: TopicArgument,
    reason: ReasonOption = None,
    newest: Annotated[int, typer.Option("--newest", min=0, help="How many to list singly")] = 20,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Replayed ones too")] = False,
) -> None:
    """Count the dead letters by reason, and list the newest."""
    queue = _queue(topic)
    letters = run(queue.select(Selection(error_class=reason, replayed_too=everything)))
    console = Console()
    if not letters:
        console.print(f"{queue.topic} holds no such record.")
        return
    console.print(_counts(letters, queue.topic))
    if newest:
        console.print(_table(letters[-newest:]))


@cli.command("show")
def show_command(
    topic: TopicArgument,
    position: Annotated[str, typer.Argument(help="OFFSET or PARTITION:OFFSET, as `list` shows it")],
) -> None:
    """Show one dead letter: why, headers, key and body."""
    letter = run(_queue(topic).letter(_position(position)))
    console = Console()
    table = Table("header", "value", show_lines=False)
    for name, raw in letter.record.headers:
        table.add_row(escape(name), escape(_text(raw)))
    console.print(f"[bold]{letter.error_class}[/]: {escape(letter.reason)}")
    console.print(f"from {letter.origin}, key {escape(_text(letter.record.key))}")
    console.print(table)
    size = letter.omitted_bytes
    body = _body(letter.record.value) if size is None else f"{size:,} bytes, left out: see above"
    console.print(body, markup=False, highlight=False)


@cli.command("replay")
def replay_command(  # noqa: PLR0913 -- one per option
    topic: TopicArgument,
    positions: Annotated[
        list[str] | None,
        typer.Argument(metavar="[AT]...", help="Only these, as `list` shows them"),
    ] = None,
    *,
    reason: ReasonOption = None,
    first: FromOption = 0,
    last: ToOption = sys.maxsize,
    force: Annotated[bool, typer.Option(help="Those that were replayed before, too")] = False,
    dry_run: Annotated[bool, typer.Option(help="Only say what would be sent")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask")] = False,
) -> None:
    """Send dead letters back to their topic. Without --force none goes twice."""
    queue = _queue(topic)
    named = frozenset(map(_position, positions or ()))
    selection = Selection(
        error_class=reason,
        first_offset=first,
        last_offset=last,
        positions=named or None,
        replayed_too=force,
        incomplete_too=False,
    )
    letters = run(queue.select(selection))
    console = Console()
    missing = named - {letter.position for letter in letters}
    if missing:
        raise typer.BadParameter(
            f"{queue.topic} holds no letter to replay at {', '.join(sorted(missing))}: see `list "
            "--all`; one that was replayed before needs --force, one without its value can't be "
            "sent"
        )
    if not letters:
        console.print(f"Nothing to replay in {queue.topic}.")
        return
    console.print(_counts(letters, queue.topic))
    if dry_run:
        console.print(f"{len(letters)} would be sent to {queue.origin}.")
        return
    if not yes:
        typer.confirm(f"Send {len(letters)} back to {queue.origin}?", abort=True)
    sent = run(queue.replay(letters))
    console.print(f"Sent {sent} back to {queue.origin}.")


cli.command("skip")(skip_command)
cli.command("admit")(admit_command)


def _queue(topic: str) -> DeadLetterQueue:
    return DeadLetterQueue(load(KafkaCommandSettings), topic)


def _position(given: str) -> str:
    """As :attr:`StoredLetter.position` has it."""
    partition, _, offset = given.rpartition(":")
    if not offset.isdecimal() or not (partition or "0").isdecimal():
        raise typer.BadParameter(
            f"{given} is no position: give OFFSET or PARTITION:OFFSET, such as 17 or 0:17"
        )
    return f"{int(partition or 0)}:{int(offset)}"


def _counts(letters: list[StoredLetter], title: str) -> Table:
    table = Table("reason", "records", "for example", title=title)
    counts = Counter(letter.error_class for letter in letters)
    examples = {letter.error_class: letter.reason for letter in letters}
    for error_class, count in counts.most_common():
        table.add_row(error_class, str(count), escape(examples[error_class]))
    return table


def _table(letters: list[StoredLetter]) -> Table:
    # Narrow enough for 80 columns; `show` has all of it.
    table = Table("at", "failed (UTC)", "from", "reason", "attempts", "replayed", title="Newest")
    for letter in letters:
        table.add_row(
            letter.position,
            letter.ours.get("dlq-failed-at", "?")[:16].replace("T", " "),
            f"{letter.ours.get('dlq-partition', '?')}:{letter.ours.get('dlq-offset', '?')}",
            letter.error_class,
            letter.ours.get("dlq-attempts", "?"),
            "yes" if letter.replayed else "",
        )
    return table


def _text(raw: bytes | None) -> str:
    if raw is None:
        return "null"
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return repr(raw)


def _body(value: bytes | None) -> str:
    if value is None:
        return "no value (a tombstone)"
    try:
        text = json.dumps(json.loads(value), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        text = _text(value)
    if len(text) > _BODY_SHOWN:
        return f"{text[:_BODY_SHOWN]}… ({len(value):,} bytes)"
    return text
