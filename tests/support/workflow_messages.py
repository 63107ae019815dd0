"""Everything that can be sent to a workflow, by its own definition, in every wrong way."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import to_jsonable_python
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    WorkflowHandle,
    WorkflowHistory,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue

MEGABYTE: Final = "x" * 1_000_000

GOAL: Final = {
    "policy_area": "digital",
    "amount": 1_000_000,
    "wanted_start": "2027-04-01",
    "category": "services",
}

EXAMPLES: Final[Mapping[str, object]] = {
    "calendar_changed": None,
    "cancel": {"by": "fs-east", "note": ""},
    "choose_route": {"route_id": "initial_budget:2027", "by": "fs-east"},
    "confirm": {"stage": "request", "outcome": "done", "on": "2026-10-01", "by": "fs-east"},
    "correct": {
        "fiscal_year": 2027,
        "milestone": "request_deadline",
        "earliest": "2027-10-15",
        "likely": "2027-10-15",
        "latest": "2027-10-15",
        "source": "telephone",
        "reason": "moved",
        "by": "fs-east",
    },
    "look_again": None,
    "open": {"pursuit_id": "p-1", "code": "102032", "owner": "fs-east", "goal": GOAL},
    "pause": {"until": "2027-01-15", "by": "fs-east"},
    "resume": {"by": "fs-east"},
    "revise_goal": {"goal": GOAL, "by": "fs-east"},
}
"""A message for each name that makes sense to somebody; ``None``: it has no content."""

_OF_HANDOFFS: Final[Mapping[str, object]] = {
    "accept": {"by": "fs-1"},
    "answer_lead": {"at": "2026-12-01T10:00:00+09:00", "by": "is-1"},
    "close": {"by": "fs-1", "outcome": "won"},
    "enter_phase": {
        "phase": "department_requests",
        "began_on": "2027-09-01",
        "by": "budget-calendar",
    },
    "join": {"qualification_id": "q-2", "by": "lead-scoring"},
    "name_further_owner": {"by": "fs-1", "function": "council_liaison", "member_id": "fs-2"},
    "override_readiness": {"by": "is-1", "criterion": "people", "answer": "met", "reason": "met"},
    "pause": {"by": "fs-1", "reason": "disaster", "until": "2026-12-10T10:00:00+09:00"},
    "rate": {"by": "fs-1", "direction": "receiver_rates_sender", "score": 5, "reason": "good"},
    "reassign": {"by": "lead-1", "reason": "decided", "from_member": "fs-1", "to": "fs-2"},
    "record_contact": {"at": "2026-12-01T10:00:00+09:00", "by": "fs-1"},
    "record_meeting": {"at": "2026-12-01T10:00:00+09:00", "by": "fs-1"},
    "reject": {"by": "fs-1", "reason": "no_need"},
    "request": {
        "handoff_id": "h-1",
        "lead_id": "lead-1",
        "kind": {"from_role": "inside_sales", "to_role": "field_sales"},
        "by": "lead-scoring",
    },
    "resubmit": {"by": "is-1", "supplied_facts": ["people"]},
    "settings_changed": None,
    "wake": {"by": "fs-1"},
    "withdraw": {"by": "is-1", "reason": "a mistake"},
}


_OF_SEQUENCES: Final[Mapping[str, object]] = {
    "approve": {"by": "is-1", "approval_id": "s-1.introduction.1"},
    "change_owner": {"by": "is-1", "before": "is-9", "owner": "is-2"},
    "complete_task": {"by": "is-1", "task_id": "s-1.call.1", "outcome": "answered"},
    "enter": {
        "sequence_id": "s-1",
        "playbook_id": "price-interest",
        "playbook_version": 3,
        "lead_id": "lead-1",
        "trigger_id": "t-1",
        "reason": "price_viewed_twice",
        "by": "lead-scoring",
    },
    "pause": {"by": "is-1", "reason": "person", "until": "2099-12-10T10:00:00+09:00"},
    "react": {"occurrence": "answered", "at": "2026-12-01T10:00:00+09:00", "by": "inbox"},
    "reject": {"by": "is-1", "approval_id": "s-1.introduction.1"},
    "resume": {"by": "is-1"},
    "skip": {"by": "is-1", "step_id": "introduction"},
    "stop": {"by": "is-1"},
}

_OWN: Final[Mapping[str, Mapping[str, object]]] = {
    "HandoffWorkflow": _OF_HANDOFFS,
    "SequenceWorkflow": _OF_SEQUENCES,
}


@dataclass(frozen=True)
class Sent:
    """One call of a signal, an update or a query."""

    what: str
    kind: str
    name: str
    args: tuple[object, ...]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.what}"


def type_of(cls: type) -> str:
    """The workflow's type, as Temporal has it."""
    return str(_definition(cls).name)


def example(cls: type, name: str) -> object:
    """A message that makes sense to somebody; ``None``: it has no content."""
    return _OWN.get(type_of(cls), {}).get(name, EXAMPLES.get(name))


def without_example(cls: type) -> list[str]:
    """Messages that nobody has written an example of."""
    known = EXAMPLES.keys() | _OWN.get(type_of(cls), {}).keys()
    return sorted({*names_of(cls, "signals"), *names_of(cls, "updates")} - known)


def names_of(cls: type, kind: str) -> list[str]:
    """The names of a workflow's signals, updates or queries, as Temporal has them."""
    return sorted(name for name in getattr(_definition(cls), kind) if name)


def _definition(cls: type) -> workflow._Definition:
    return workflow._Definition.must_from_class(cls)  # noqa: SLF001 - the SDK shows it nowhere else


def nonsense(cls: type) -> Iterator[Sent]:
    """Calls that nobody can carry out: of every message that the workflow has, and of none."""
    for kind in ("signals", "updates", "queries"):
        for name in names_of(cls, kind):
            takes = None if kind == "queries" else example(cls, name)
            for what, args in _malformed(takes):
                yield Sent(what, kind, name, args)
        yield Sent("unknown name", kind, "tea_break", ())
        yield Sent("unknown name, two arguments", kind, "tea_break\x00\n", ({}, MEGABYTE))


def unreadable_inputs(example: object) -> Iterator[tuple[str, tuple[object, ...]]]:
    """Return inputs that no workflow of ours begins with; ``None``: it takes none."""
    taken = None if example is None else to_jsonable_python(example)
    for what, args in _malformed(taken):
        if what not in {"an unknown field", "U+0000"} and not what.startswith("1 MB of"):
            yield what, args


def _malformed(takes: object) -> Iterator[tuple[str, tuple[object, ...]]]:
    yield "two arguments", ({}, {})
    yield "text", ("text",)
    yield "a number", (12,)
    yield "a list", ([],)
    yield "1 MB", (MEGABYTE,)
    yield "broken JSON", (_raw(b"json/plain", b'{"by": '),)
    yield "bytes", (_raw(b"binary/plain", b"\xff\xfe"),)
    yield "an encoding nobody knows", (_raw(b"binary/unheard-of", b"?"),)
    if not isinstance(takes, Mapping):
        return
    yield "nothing", ()
    yield "null", (None,)
    yield "an unknown field", ({**takes, "nobody_knows": 1, "\x00": 2},)
    yield "wrong types", ({field: [[]] for field in takes},)
    yield "U+0000", ({**takes, **dict.fromkeys({"by", "owner"} & takes.keys(), "4711\x00")},)
    for field in ("by", "route_id", "milestone", "owner"):
        if field in takes:
            yield f"1 MB of {field}", ({**takes, field: MEGABYTE},)
    yield "fields that are missing", ({},)


def _raw(encoding: bytes, data: bytes) -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


async def send(handle: WorkflowHandle[Any, Any], sent: Sent) -> str:
    """Send it; return the error that answered an update, and nothing for the others.

    Nobody answers a signal, and a query may be answered in spite of arguments that it ignores.
    """
    if sent.kind == "signals":
        await handle.signal(sent.name, args=sent.args)
        return ""
    if sent.kind == "queries":
        with suppress(WorkflowQueryFailedError):
            await handle.query(sent.name, args=sent.args)
        return ""
    try:
        await handle.execute_update(sent.name, args=sent.args)
    except WorkflowUpdateFailedError as error:
        return str(error.cause)
    raise AssertionError(f"{sent} was accepted")


async def details(handle: WorkflowHandle[Any, Any]) -> str:
    """Return the details of the workflow that the Temporal UI shows an operator."""
    described: WorkflowMetadata = await handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return described.current_details


def failed_tasks(history: WorkflowHistory) -> list[str]:
    """Return the reasons why workflow tasks failed."""
    return [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    ]
