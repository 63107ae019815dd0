"""The packet (引き継ぎ票): prepared from events, corrected by people, judged by who receives it."""

from datetime import UTC, datetime

import pytest

from handoff.domain.packet.fields import (
    FIELDS,
    REQUIRED_BY_DEFAULT,
    SUMMARY_LINES,
    FieldRequirement,
    Section,
)
from handoff.domain.packet.packet import Packet, Verdict
from handoff.domain.teams.members import Role
from kakehashi_common.domain.errors import DomainError

NINE = datetime(2026, 11, 30, 9, tzinfo=UTC)
TEN = datetime(2026, 11, 30, 10, tzinfo=UTC)
LEAD_SCORING = "//kakehashi/lead-scoring"


def text(packet: Packet, key: str) -> str | None:
    entry = packet.entry(key)
    return None if entry is None else entry.text


def test_a_field_is_prepared_from_the_latest_event() -> None:
    packet = Packet().prepared("why_now", "A1", source=LEAD_SCORING, at=TEN)
    packet = packet.prepared("why_now", "B2", source=LEAD_SCORING, at=NINE)
    assert text(packet, "why_now") == "A1"


def test_what_a_person_entered_is_not_overwritten_by_events() -> None:
    packet = Packet().prepared("need", "digital", source=LEAD_SCORING, at=NINE)
    packet = packet.entered("need", " 窓口のDX ", by="is-001", at=NINE)
    packet = packet.prepared("need", "welfare", source=LEAD_SCORING, at=TEN)
    assert text(packet, "need") == "窓口のDX"


def test_an_empty_text_clears_a_field() -> None:
    packet = Packet().entered("need", "窓口のDX", by="is-001", at=NINE)
    assert packet.entered("need", " ", by="is-001", at=TEN) == Packet()


def test_completeness_names_what_is_missing_and_who_sees_to_it() -> None:
    packet = Packet().entered("need", "窓口のDX", by="is-001", at=NINE)
    found = packet.completeness(REQUIRED_BY_DEFAULT[Role.FIELD_SALES])
    assert found.percent == 14
    assert FieldRequirement("promises", Role.INSIDE_SALES) in found.missing
    assert Packet().completeness(()).percent == 100


def test_the_receiving_side_judges_a_field() -> None:
    packet = Packet().entered("need", "窓口のDX", by="is-001", at=NINE)
    entry = packet.judged("need", Verdict.WRONG, by="fs-002").entry("need")
    assert entry is not None
    assert (entry.verdict, entry.verdict_by, entry.source) == (Verdict.WRONG, "fs-002", "is-001")


def test_a_corrected_field_has_to_be_judged_again() -> None:
    packet = Packet().entered("need", "窓口のDX", by="is-001", at=NINE)
    packet = packet.judged("need", Verdict.WRONG, by="fs-002")
    entry = packet.entered("need", "文書管理", by="fs-002", at=TEN).entry("need")
    assert entry is not None
    assert entry.verdict is None


@pytest.mark.parametrize(
    ("key", "said", "code"),
    [
        ("nedd", "there is no field nedd; the fields are who_and_where", "unknown_field"),
        ("need", "nothing stands in need that could be wrong", "field_empty"),
    ],
)
def test_what_cannot_be_judged_is_refused(key: str, said: str, code: str) -> None:
    with pytest.raises(DomainError, match=said) as refused:
        Packet().judged(key, Verdict.WRONG, by="fs-002")
    assert refused.value.code == code


def test_control_characters_are_refused() -> None:
    with pytest.raises(DomainError, match=r"U\+0000"):
        Packet().entered("need", "a\0b", by="is-001", at=NINE)


def filled() -> Packet:
    packet = Packet()
    for key in FIELDS:
        packet = packet.entered(key, key, by="is-001", at=NINE)
    return packet


@pytest.mark.parametrize("role", [Role.INSIDE_SALES, Role.FIELD_SALES, Role.CUSTOMER_SUCCESS])
def test_every_role_reads_the_same_five_lines_first_and_internal_notes_last(role: Role) -> None:
    view = filled().view(role)
    assert tuple(field.key for field, _ in view[:5]) == SUMMARY_LINES
    assert view[-1][0].section is Section.INTERNAL
    assert len({field.key for field, _ in view}) == len(view)


def test_customer_success_reads_what_was_promised_first() -> None:
    sections = [field.section for field, _ in filled().view(Role.CUSTOMER_SUCCESS)[5:]]
    assert sections[0] is Section.PROMISES
    assert Section.COMPETITION not in sections


def test_the_municipality_reads_no_internal_notes() -> None:
    view = filled().view(Role.FIELD_SALES, internal=False)
    assert Section.INTERNAL not in {field.section for field, _ in view}


def test_the_five_lines_are_there_when_they_are_empty() -> None:
    assert Packet().view(Role.FIELD_SALES) == [(FIELDS[key], None) for key in SUMMARY_LINES]
