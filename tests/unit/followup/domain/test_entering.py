"""Whether a contact enters a playbook, and why not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from followup.domain.entering import Candidate, precedence, reasons_against
from followup.domain.playbooks.audience import Contact, Role
from followup.domain.playbooks.playbook import Entry
from followup.domain.playbooks.steps import TaskKind, TaskStep
from kakehashi_common.domain.reasons import Audience
from tests.support.sequences import PLAYBOOK, at

NOW = at("2026-11-30 10:00")
CANDIDATE = Candidate(Contact(Role.OFFICER), has_address=True, has_owner=True)
MEMBER = Contact(Role.COUNCIL)
ROLE = ["役割が対象ではありません"]
UNASKED = "議員には、ご本人からお問い合わせをいただいた場合を除いて連絡しません"
AGAIN = replace(PLAYBOOK, entry=Entry(again_after_days=90))
TASK = TaskStep(id="call", kind=TaskKind.CALL, title="電話をする", due_business_days=1)
OTHER = replace(PLAYBOOK, id="other", name="別の連絡")


@pytest.mark.parametrize(("area", "enters"), [("digital", True), ("water", False), (None, False)])
def test_a_playbook_for_policy_areas_lets_in_for_reasons_of_these(
    area: str | None, *, enters: bool
) -> None:
    addressed = replace(AGAIN.audience, policy_areas=frozenset({"digital", "education"}))
    candidate = replace(CANDIDATE, contact=Contact(Role.OFFICER, policy_area=area))
    against = reasons_against(replace(AGAIN, audience=addressed), candidate, frozenset(), NOW)
    assert [each.ja for each in against] == ([] if enters else ["政策分野が対象ではありません"])


@pytest.mark.parametrize(
    ("differences", "audience", "expected"),
    [
        ({}, frozenset(), []),
        ({}, frozenset({Audience.OFFICER, Audience.HEAD}), []),
        ({}, frozenset({Audience.FINANCE}), ["きっかけの対象となる役割ではありません"]),
        ({"contact": Contact(Role.FINANCE)}, frozenset(), ["役割が対象ではありません"]),
        (
            {"contact": Contact(None)},
            frozenset({Audience.OFFICER}),
            ["役割が対象ではありません", "きっかけの対象となる役割ではありません"],
        ),
        ({"contact": Contact(Role.MANAGER)}, frozenset({Audience.COUNCIL}), ROLE),
        (
            {"contact": Contact(Role.FINANCE)},
            frozenset({Audience.COUNCIL}),
            [*ROLE, "きっかけの対象となる役割ではありません"],
        ),
        ({"contact": MEMBER}, frozenset(), [*ROLE, UNASKED]),
        ({"contact": MEMBER}, frozenset({Audience.COUNCIL}), [*ROLE, UNASKED]),
        ({"contact": MEMBER, "asked": True}, frozenset(), ROLE),
        ({}, frozenset({Audience.COUNCIL}), []),
        (
            {"meant": False},
            frozenset(),
            ["この方についての理由かどうか分からないため、担当者が確かめます"],
        ),
        ({"meant": True}, frozenset(), []),
        ({"has_address": False}, frozenset(), ["メールアドレスが分かりません"]),
        ({"has_owner": False}, frozenset(), ["担当者が決まっていません"]),
        ({"under_way": (PLAYBOOK,)}, frozenset(), ["同じプレイブックが実行中です"]),
        (
            {"under_way": (replace(OTHER, priority=50),)},
            frozenset(),
            ["優先度が同じか高い「別の連絡」が実行中です"],
        ),
        ({"under_way": (replace(OTHER, priority=49),)}, frozenset(), []),
        ({"under_way": (replace(OTHER, priority=50, steps=(TASK,)),)}, frozenset(), []),
        ({"paused": True}, frozenset(), ["災害のため、この自治体への営業を控えています"]),
        ({"stood_for": True}, frozenset(), ["同じ自治体の別の方について実行中です"]),
        (
            {"last_begun": NOW - timedelta(days=89)},
            frozenset(),
            ["再開までの期間が過ぎていません"],
        ),
        ({"last_begun": NOW - timedelta(days=90)}, frozenset(), []),
    ],
)
def test_why_a_contact_does_not_enter(
    differences: dict[str, Any], audience: frozenset[Audience], expected: list[str]
) -> None:
    against = reasons_against(AGAIN, replace(CANDIDATE, **differences), audience, NOW)
    assert [each.ja for each in against] == expected


def test_what_writes_to_nobody_needs_no_address_and_waits_for_no_other() -> None:
    candidate = replace(
        CANDIDATE, has_address=False, paused=True, under_way=(replace(OTHER, priority=99),)
    )
    task_alone = replace(AGAIN, steps=(TASK,))
    assert reasons_against(task_alone, candidate, frozenset(), NOW) == ()


def test_who_is_nearest_to_the_work_comes_first() -> None:
    people = [(None, "a"), (Role.MANAGER, "b"), (Role.OFFICER, "d"), (Role.OFFICER, "c")]
    assert [who for _, who in sorted(people, key=lambda each: precedence(*each))] == list("cdba")


def test_a_playbook_may_address_those_whose_role_is_unknown() -> None:
    unknown = replace(CANDIDATE, contact=Contact(None))
    anybody = replace(AGAIN, audience=replace(AGAIN.audience, role_unknown=True))
    assert not reasons_against(anybody, unknown, frozenset(), NOW)


def test_what_one_contact_stands_for_is_not_for_whom_a_reason_names() -> None:
    for_one = replace(AGAIN, steps=(TASK,), entry=replace(AGAIN.entry, one_per_municipality=True))
    named, another = replace(CANDIDATE, meant=True), replace(CANDIDATE, meant=False)
    assert [each.en for each in reasons_against(for_one, named, frozenset(), NOW)] == [
        "it is known whom the reason is about"
    ]
    assert reasons_against(for_one, another, frozenset(), NOW) == ()


def test_without_a_time_nobody_enters_a_second_time() -> None:
    once = replace(CANDIDATE, last_begun=NOW - timedelta(days=3650))
    assert [each.en for each in reasons_against(PLAYBOOK, once, frozenset(), NOW)] == [
        "it is too early to enter again"
    ]
