"""Experiments over HTTP, decided by the rule that their playbook declares."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from followup.container import Container
from followup.domain.measures.experiments import Standing
from followup.domain.playbooks.experiment import Variant, Verdict
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import (
    Approval,
    MailStep,
    OccurrenceKind,
    TaskKind,
    TaskStep,
)
from followup.domain.sequences import facts
from followup.domain.sequences.commands import CompleteTask, OpenTask
from followup.domain.sequences.terms import TaskOutcome
from kakehashi_common.clock import FixedClock
from kakehashi_common.domain.proportions import Proportion
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ENTRY, PLAYBOOK
from tests.support.sequence_facts import store
from tests.support.sequences import PLAYBOOK as LIVED
from tests.support.sequences import Life, at
from tests.support.waiting import eventually

BEGIN = at("2026-11-30 10:00")
COMPARED = """
experiment: {measure: answered, mails_per_variant: 10}
steps:
  - {id: introduction, kind: mail, template: hello, alternative: short, approval: none}
"""
SHORT = """
  short:
    kind: mail
    variants:
      - subject: "ご案内（{{ sender_company }}）"
        body: |
          {{ addressee }}

          {{ sender_company }}の{{ sender_name }}です。

          {{ signature }}
"""
DOCUMENT = PLAYBOOK.partition("steps:")[0].replace("greeting", "price-interest") + SHORT + COMPARED
ONE_MAIL: Playbook = replace(
    LIVED,
    version=1,
    steps=(
        MailStep(id="introduction", template="hello", approval=Approval.NONE),
        *LIVED.steps[1:2],
        *LIVED.steps[2:],
    ),
)


def lives(
    variant: str, sent: int, answered: int, version: int = 1, first: int = 0
) -> Iterable[Life]:
    """Mails a second apart, the first ones answered."""
    for number in range(first, first + sent):
        lived = Life(
            "2026-11-30 10:00",
            replace(ONE_MAIL, version=version),
            sequence_id=f"sq-{variant}{version}-{number}",
            lead_id=f"lead-{variant}{version}-{number}",
            playbook_version=version,
        )
        lived.until(lived.now)
        if number < first + answered:
            lived.then("2026-12-01 10:00").react(OccurrenceKind.ANSWERED)
        later = timedelta(seconds=number)
        lived.facts = [
            replace(fact, at=fact.at + later, variant=variant)
            if isinstance(fact, facts.Sent)
            else fact
            for fact in lived.facts
        ]
        yield lived


async def judged(container: Container) -> tuple[Standing, Verdict | None]:
    found = (await container.measures.experiment("price-interest")).judged
    return found.standing, found.verdict


async def test_an_experiment_is_decided_once_by_its_first_mails(
    container: Container, clock: FixedClock
) -> None:
    await container.playbooks.publish(DOCUMENT, ACTOR)
    clock.instant = BEGIN + timedelta(days=1)
    await store(container.database, *lives("a", 10, 10), *lives("b", 9, 0))
    assert await judged(container) == (Standing.RUNNING, None)
    await store(container.database, *lives("b", 10, 0))
    assert await judged(container) == (Standing.AWAITING_ANSWERS, None)
    clock.instant = BEGIN + timedelta(days=15)
    assert await judged(container) == (Standing.DECIDED, Verdict.A)
    # what goes later changes nothing any more
    await store(container.database, *lives("b", 50, 50, first=10))
    clock.instant += timedelta(days=30)
    assert await judged(container) == (Standing.DECIDED, Verdict.A)
    found = await container.measures.experiment("price-interest")
    assert found.variants[Variant.B].reacted == Proportion(0, 10)
    assert found.variants[Variant.B].sent == 60


async def test_mails_of_another_version_do_not_count(
    container: Container, clock: FixedClock
) -> None:
    await container.playbooks.publish(DOCUMENT, ACTOR)
    clock.instant = BEGIN + timedelta(days=15)
    await store(container.database, *lives("a", 10, 10, version=2), *lives("b", 10, 0, version=2))
    assert await judged(container) == (Standing.RUNNING, None)


async def test_the_api_shows_the_rule_beside_what_was_counted(installed: Service) -> None:
    await installed.fresh()
    await installed.playbooks.publish(DOCUMENT, ACTOR)
    shown: dict[str, Any] = await installed.call("GET", "/experiments/price-interest")
    assert shown["mails_per_variant"] == 10
    assert shown["steps"] == ["introduction"]
    assert (shown["standing"], shown["verdict"]) == ("running", None)
    assert [each["variant"] for each in shown["variants"]] == ["a", "b"]
    listed = await installed.call("GET", "/experiments")
    assert [each["playbook_id"] for each in listed["items"]] == ["price-interest"]
    assert await installed.refused("GET", "/experiments/welcome") == (404, "not_found")


SCRIPTS = (
    PLAYBOOK.partition("templates:")[0].replace("greeting", "two-scripts")
    + """
templates:
  asking:
    kind: guide
    variants:
      - body: 用件を先に伝える。
  listening:
    kind: guide
    variants:
      - body: まず近況を伺う。
experiment: {measure: answered, mails_per_variant: 10}
steps:
  - {id: call, kind: call_task, title: お電話, template: asking, alternative: listening}
"""
)
CALL = TaskStep(id="call", kind=TaskKind.CALL, title="お電話", due_business_days=2)
ONE_CALL: Playbook = replace(LIVED, id="two-scripts", version=1, steps=(CALL,))


def calls(variant: str, done: int, answered: int) -> Iterable[Life]:
    """Calls by one script, at the first of which the contact answered."""
    for number in range(done):
        lived = Life(
            "2026-11-30 10:00",
            ONE_CALL,
            work=False,
            sequence_id=f"call-{variant}-{number}",
            lead_id=f"lead-{variant}-{number}",
            playbook_id="two-scripts",
            playbook_version=1,
        )
        due = lived.now + timedelta(days=2)
        lived.do(OpenTask(lived.state.attempt, f"t-{variant}-{number}", "s-1", due, variant))
        lived.now += timedelta(hours=1, seconds=number)
        outcome = TaskOutcome.ANSWERED if number < answered else TaskOutcome.NOT_REACHED
        lived.do(CompleteTask("s-1", f"t-{variant}-{number}", outcome))
        yield lived


async def test_two_scripts_of_a_call_are_compared_by_the_same_rule(
    container: Container, clock: FixedClock
) -> None:
    await container.playbooks.publish(SCRIPTS, ACTOR)
    clock.instant = BEGIN + timedelta(days=15)
    await store(container.database, *calls("a", 10, 0), *calls("b", 9, 9))
    first = await container.measures.experiment("two-scripts")
    assert (first.steps, first.judged.standing) == (("call",), Standing.RUNNING)
    await store(container.database, *calls("b", 10, 10))
    found = await container.measures.experiment("two-scripts")
    assert (found.judged.standing, found.judged.verdict) == (Standing.DECIDED, Verdict.B)
    assert found.variants[Variant.A].reacted == Proportion(0, 10)


async def test_the_task_of_a_contact_has_the_script_of_their_variant(at_work: Service) -> None:
    always_b = "{measure: answered, mails_per_variant: 10, share_b: 0.99999}"
    document = SCRIPTS.replace("two-scripts", "script-b").replace(
        "{measure: answered, mails_per_variant: 10}", always_b
    )
    await at_work.playbooks.publish(document, ACTOR)
    await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "script-b"})

    async def opened() -> list[dict[str, Any]]:
        return list((await at_work.call("GET", "/tasks"))["items"])

    await eventually(opened, what="the task")
    [task] = await opened()
    assert task["text"].strip() == "まず近況を伺う。"
    async with at_work.database.raw_transaction() as connection:
        said = "select fact ->> 'variant' from sequence_fact where kind = 'task_opened'"
        assert await connection.fetchval(said) == "b"
