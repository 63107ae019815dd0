"""The consumer reads ``budget-phases-v1`` beside the lead events."""

import uuid
from datetime import UTC, date, datetime

from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.budget_phases import DateBasis, DateWindow, PhaseEntered
from kakehashi_common.contracts.events import Event, Label
from kakehashi_common.contracts.topics import BUDGET_PHASES
from tests.support.kafka import broken
from tests.support.lead_scoring import installation
from tests.support.waiting import eventually

KIRYU = "102032"
PHASE = PhaseEntered(
    municipality_code=KIRYU,
    fiscal_year=2026,
    phase="departments_request",
    label=Label(ja="予算要求", en="Departments' requests"),
    begins=DateWindow(
        earliest=date(2026, 9, 15),
        likely=date(2026, 10, 1),
        latest=date(2026, 10, 15),
        basis=DateBasis.PRACTICE,
        source="common practice",
        confidence=0.6,
    ),
    ends_likely_on=date(2026, 10, 30),
)


async def test_a_phase_that_was_announced_is_known_whatever_comes_before_it() -> None:
    async with installation(READ_BUDGET_PHASES="true") as installed:
        topic = installed.topic(BUDGET_PHASES)
        await installed.broker.create([topic])
        event = Event(str(uuid.uuid4()), "https://calendar.example.jp", datetime.now(UTC), PHASE)
        await installed.broker.publish(topic, [broken(1), encode(event, key=KIRYU)])

        await installed.start("consumer")

        async def known() -> bool:
            rows = await installed.fetch("select municipality_code, phase from municipality_phase")
            return [tuple(row) for row in rows] == [(KIRYU, "departments_request")]

        await eventually(known, what="the phase is stored")
        dead = await installed.broker.read(topic.dead_letter_topic, at_least=1)
        assert len(dead) == 1
