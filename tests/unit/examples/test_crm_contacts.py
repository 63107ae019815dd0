"""The shipped mappings read contacts as CRMs export them in Japanese, and reject what is wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    DecisionRole,
    LeadEventData,
    ProfileChanged,
)
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.row import Rejection, Row
from lead_scoring.importer.row_reader import RowReader

CONTACTS = Path(__file__).parents[3] / "examples" / "crm_contacts"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
EXPORTED = datetime(2026, 11, 20, tzinfo=UTC)


def read(crm: str) -> tuple[list[Event[LeadEventData]], list[Rejection]]:
    document = read_mapping((CONTACTS / f"mapping_{crm}.yaml").read_text(encoding="utf-8"))
    mapping = RowMapping(document, NOW, EXPORTED)
    events: list[Event[LeadEventData]] = []
    rejections = []
    with RowReader(CONTACTS / f"{crm}.csv", document) as reader:
        for row in reader.rows():
            found = mapping.events(row) if isinstance(row, Row) else row
            if isinstance(found, Rejection):
                rejections.append(found)
            else:
                events += found
    return events, rejections


def profiles(events: list[Event[LeadEventData]]) -> list[tuple[str, str | None, str | None, str]]:
    """Lead, name, municipality and when, of each profile."""
    return [
        (
            event.data.lead_id,
            event.data.person_name,
            event.data.municipality_code,
            event.occurred_at.isoformat(),
        )
        for event in events
        if isinstance(event.data, ProfileChanged)
    ]


def activities(events: list[Event[LeadEventData]]) -> list[tuple[str, str, str]]:
    return [
        (event.event_id, event.data.kind, event.occurred_at.isoformat())
        for event in events
        if isinstance(event.data, ActivityRecorded)
    ]


def test_hubspot() -> None:
    events, rejections = read("hubspot")
    assert profiles(events) == [
        ("hubspot-5101", "佐藤 健一", "102032", "2026-11-16T00:12:00+00:00"),
        ("hubspot-5102", "髙橋 美咲", "132063", "2026-11-17T02:03:00+00:00"),
        ("hubspot-5103", "鈴木 誠", "100005", EXPORTED.isoformat()),
        ("hubspot-5104", "田中 彩", "271004", "2026-11-17T23:30:00+00:00"),
    ]
    assert activities(events) == [
        ("5101:form:2026-11-13 17:40", "form_submitted", "2026-11-13T08:40:00+00:00"),
        ("5104:form:2026-11-18 08:29", "form_submitted", "2026-11-17T23:29:00+00:00"),
    ]
    first = events[0].data
    assert isinstance(first, ProfileChanged)
    assert (first.phone, first.role) == ("0277-46-1111", DecisionRole.MANAGER)
    assert [(each.line, each.kind) for each in rejections] == [(6, "no_municipality")]
    assert "東京都府中市 (132063) or 広島県府中市 (342084)" in rejections[0].reason


def test_salesforce_in_cp932_with_addresses_over_two_lines() -> None:
    events, rejections = read("salesforce")
    assert profiles(events) == [
        ("salesforce-0035g00000A1b2c", "髙橋 一郎", "102032", "2026-11-16T00:12:00+00:00"),
        ("salesforce-0035g00000A1b2d", "渡邉 花子", "131016", "2026-11-17T09:00:00+00:00"),
        ("salesforce-0035g00000A1b2e", "﨑山 健", "105244", "2026-11-09T15:00:00+00:00"),
    ]
    assert [when for _, _, when in activities(events)] == [
        "2026-10-04T15:00:00+00:00",
        "2026-11-03T15:00:00+00:00",
        "2026-11-09T15:00:00+00:00",
    ]
    assert [(each.line, each.reason) for each in rejections] == [
        (6, "'桐生商工会議所' names no municipality")
    ]


def test_dynamics_as_excel_saves_it() -> None:
    events, rejections = read("dynamics")
    assert [(name, code, when) for _, name, code, when in profiles(events)] == [
        ("加藤 優", "102032", "2026-11-16T00:12:00+00:00"),
        ("吉田 剛", "011002", "2026-11-16T15:00:00+00:00"),
        ("髙田 明", "102032", EXPORTED.isoformat()),
    ]
    second = events[1].data
    assert isinstance(second, ProfileChanged)
    assert second.department == "デジタル推進課"
    assert [(each.line, each.kind) for each in rejections] == [(5, "not_a_time")]


@pytest.mark.parametrize("crm", ["hubspot", "salesforce", "dynamics"])
def test_the_same_export_gives_the_same_events_and_next_weeks_changes_give_others(
    crm: str,
) -> None:
    first, again = read(crm)[0], read(crm)[0]
    assert first == again
    ids = [event.event_id for event in first]
    assert len(set(ids)) == len(ids)
    assert all(
        event.event_id.endswith(event.occurred_at.isoformat())
        for event in first
        if isinstance(event.data, ProfileChanged)
    )
