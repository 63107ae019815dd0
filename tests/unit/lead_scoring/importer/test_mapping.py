"""A row becomes events with deterministic ids, or one rejection with column and reason."""

from datetime import UTC, datetime

import pytest

from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_events import (
    ActivityRecorded,
    DecisionRole,
    LeadEventData,
    LeadMerged,
    ProfileChanged,
)
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.row import Rejection, Row

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)

MAPPING = """\
format: csv
source: https://crm.example
id: "{id}"
lead_id: "crm-{person}"
time: {column: at}
lookups:
  roles: {課長: manager, 主事: officer}
rules:
  - name: activity
    when: {action: {not_in: [note], empty: false}}
    event: activity_recorded
    data:
      kind: {column: action, cast: slug}
      category: {column: page}
      details.amount: {column: amount, cast: int}
      details.batch: 7
  - name: profile
    when: {rank: {empty: false}}
    event: profile_changed
    time: {column: learnt, format: "%Y/%m/%d", timezone: Asia/Tokyo}
    data:
      role: {column: rank, lookup: roles}
      municipality_code: {column: code}
      email: {column: mail}
"""

ROW = {
    "id": "81",
    "person": "12",
    "at": "2026-06-01T09:30:00+09:00",
    "action": "Page viewed",
    "page": "pricing",
    "amount": "",
    "rank": "",
    "learnt": "",
    "code": "",
    "mail": "",
}


def events(
    values: dict[str, object], text: str = MAPPING, line: int = 2
) -> list[Event[LeadEventData]] | Rejection:
    return RowMapping(read_mapping(text), NOW).events(Row(line, {**ROW, **values}))


def taken(
    values: dict[str, object], text: str = MAPPING, line: int = 2
) -> list[Event[LeadEventData]]:
    result = events(values, text, line)
    assert not isinstance(result, Rejection), result
    return result


def test_a_row_becomes_an_event() -> None:
    assert taken({}) == [
        Event(
            event_id="81:activity",
            source="https://crm.example",
            occurred_at=datetime(2026, 6, 1, 0, 30, tzinfo=UTC),
            data=ActivityRecorded(
                lead_id="crm-12", kind="page_viewed", category="pricing", details={"batch": 7}
            ),
        )
    ]


def test_one_row_gives_several_events_each_with_its_own_time() -> None:
    activity, profile = taken(
        {"rank": "課長", "learnt": "2026/05/01", "code": "102032", "amount": "1,200,000"}
    )
    assert isinstance(activity.data, ActivityRecorded)
    assert activity.data.details == {"amount": 1_200_000, "batch": 7}
    assert profile.event_id == "81:profile"
    assert profile.occurred_at == datetime(2026, 4, 30, 15, 0, tzinfo=UTC)
    assert profile.data == ProfileChanged(
        lead_id="crm-12", role=DecisionRole.MANAGER, municipality_code="102032"
    )
    assert "email" not in profile.data.model_fields_set


def test_a_list_of_duplicates_gives_merges() -> None:
    duplicates = """
format: csv
source: https://crm.example
time: {column: at}
lead_id: "crm-{duplicate}"
rules:
  - {name: merged, event: merged, data: {into_lead_id: "crm-{master}"}}
"""
    row: dict[str, object] = {"at": "2026-06-01T09:30:00+09:00", "duplicate": "81", "master": "12"}
    (event,) = taken(row, duplicates)
    assert event.data == LeadMerged(lead_id="crm-81", into_lead_id="crm-12")
    rejected = events({**row, "master": "81"}, duplicates)
    assert isinstance(rejected, Rejection)
    assert (rejected.column, rejected.reason) == (
        "master",
        "into_lead_id: should be another id than lead_id: nothing merges into itself",
    )


def test_a_row_that_no_rule_names_gives_nothing_or_is_rejected_as_the_mapping_says() -> None:
    assert taken({"action": "note"}) == []
    strict = MAPPING.replace("rules:", "unmatched: reject\nrules:")
    assert events({"action": "note"}, strict) == Rejection(
        2, None, "no rule of the mapping applies to this line", "no_rule"
    )


@pytest.mark.parametrize(
    ("values", "column", "reason"),
    [
        ({"at": ""}, "at", "at is empty; an event needs its time"),
        ({"at": "yesterday"}, "at", "'yesterday' is no time in the format iso8601"),
        ({"at": "2026-06-01T09:30:00"}, "at", "has no UTC offset; give one, or name the mapping's"),
        ({"at": "1926-06-01T09:30:00Z"}, "at", "out of range: an event is at most 20 years old"),
        ({"at": "2126-06-01T09:30:00Z"}, "at", "out of range"),
        ({"person": ""}, "person", "person is empty, and 'crm-{person}' needs it"),
        ({"person": "a b"}, "person", "lead_id: String should match pattern"),
        ({"id": " "}, "id", "id is empty, and '{id}' needs it"),
        ({"id": "7" * 200}, None, "the event id is longer than 200 characters"),
        ({"action": "!!"}, "action", "'!!' is no name in Latin letters"),
        ({"page": "Preise & mehr"}, "page", "category: String should match pattern"),
        ({"amount": "12.5"}, "amount", "'12.5' is no whole number"),
        ({"amount": "many"}, "amount", "'many' is no whole number"),
        ({"amount": "inf"}, "amount", "'inf' is no whole number"),
        ({"rank": "社長", "learnt": "2026/05/01"}, "rank", "'社長' is not in the lookup 'roles'"),
        ({"rank": "課長", "learnt": "May"}, "learnt", "'May' is no time in the format %Y/%m/%d"),
        (
            {"rank": "課長", "learnt": "2026/05/01", "code": "102033"},
            "code",
            "municipality_code: '102033' has a wrong check digit: 10203 takes 2, that is 102032",
        ),
        (
            {"rank": "課長", "learnt": "2026/05/01", "mail": "nobody"},
            "mail",
            "email: String should match pattern",
        ),
    ],
)
def test_a_bad_value_rejects_the_whole_line(
    values: dict[str, object], column: str | None, reason: str
) -> None:
    rejection = events(values)
    assert isinstance(rejection, Rejection)
    assert (rejection.line, rejection.column) == (2, column)
    assert reason in rejection.reason


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("{column: page, default: none}", "", "none"),
        ("{column: page, default: none}", "x", "x"),
        ("{column: page, lookup: roles, default: other}", "社長", "other"),
        ("{column: page, cast: float}", "1,200.5", 1200.5),
        ("{column: page, cast: bool}", "はい", True),
        ("{column: page, cast: bool}", "no", False),
        ("{column: page, cast: int}", "1200.0", 1200),
        ("{column: page}", 7, 7),
        ("{const: '{page}'}", "x", "{page}"),
        ("'{page}/{line}'", "x", "x/2"),
        ("true", "x", True),
        ("null", "x", None),
        ("{hours_between: [at, page]}", "2026-06-01T12:00:00+09:00", 2.5),
    ],
)
def test_values_are_read_cast_and_defaulted(field: str, value: object, expected: object) -> None:
    text = MAPPING.replace("details.batch: 7", f"details.batch: {field}")
    text = text.replace("category: {column: page}\n", "category: fixed\n")
    [event] = taken({"page": value}, text)
    assert isinstance(event.data, ActivityRecorded)
    assert event.data.details["batch"] == expected


@pytest.mark.parametrize(
    ("time", "value"),
    [
        ("{column: at}", "2026-06-01T00:30:00Z"),
        ("{column: at, timezone: Asia/Tokyo}", "2026-06-01 09:30"),
        ("{column: at, timezone: Asia/Tokyo}", "2026-06-01T00:30:00+00:00"),
        ("{column: at, format: epoch_seconds}", "1780273800"),
        ("{column: at, format: epoch_milliseconds}", 1780273800000),
        ("{column: at, format: '%d.%m.%Y %H:%M %z'}", "01.06.2026 02:30 +0200"),
        (
            "{column: at, format: '%Y年%m月%d日 %H時%M分', timezone: Asia/Tokyo}",
            "2026年6月1日 9時30分",
        ),
        ("{column: at, format: japanese, timezone: Asia/Tokyo}", "令和8年6月1日 9時30分"),
        ("{column: at, format: japanese, timezone: Asia/Tokyo}", "Ｒ８．６．１ ９：３０"),
        (
            "{column: at, format: ['%Y/%m/%d %H:%M', iso8601], timezone: Asia/Tokyo}",
            "2026/6/1 9:30",
        ),
        ("{column: at, format: ['%Y/%m/%d', iso8601], timezone: Asia/Tokyo}", "2026-06-01T09:30"),
        (
            "{column: at, format: [iso8601, '%Y/%m/%d', japanese], timezone: Asia/Tokyo}",
            "令和八年六月一日午前9時30分",
        ),
    ],
)
def test_times_are_read_in_many_forms(time: str, value: object) -> None:
    [event] = taken({"at": value}, MAPPING.replace("{column: at}", time))
    assert event.occurred_at == datetime(2026, 6, 1, 0, 30, tzinfo=UTC)


def test_without_an_id_the_row_and_its_line_make_one() -> None:
    text = MAPPING.replace('id: "{id}"\n', "")
    first, again = taken({}, text)[0].event_id, taken({}, text)[0].event_id
    assert first == again
    assert first != taken({}, text, line=3)[0].event_id
    assert first != taken({"page": "top"}, text)[0].event_id
    assert taken({"at": "2026-06-01T00:30:00Z"}, text)[0].event_id != first


def test_a_rule_may_name_its_own_event_id() -> None:
    text = MAPPING.replace("  - name: activity\n", '  - name: activity\n    id: "act-{id}"\n')
    assert taken({}, text)[0].event_id == "act-81"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("soon", "'soon' is no time in the formats iso8601, japanese"),
        ("令和8年2月29日", "formats iso8601, japanese (there is no day 2/29 in that year)"),
        ("令和8年6月1日(火)", "(that day was a 月曜日, not a 火曜日)"),
    ],
)
def test_a_value_in_none_of_several_formats_is_rejected_with_the_reason(
    value: str, reason: str
) -> None:
    several = "{column: at, format: [iso8601, japanese], timezone: Asia/Tokyo}"
    rejection = events({"at": value}, MAPPING.replace("{column: at}", several))
    assert isinstance(rejection, Rejection)
    assert rejection.kind == "not_a_time"
    assert reason in rejection.reason


def test_normalised_text_is_compared_looked_up_and_taken_in_narrow_signs() -> None:
    text = MAPPING.replace("rules:", "normalise: nfkc\nrules:")
    text = text.replace("{action: {not_in", "{page: ｐ１, action: {not_in").replace(
        "課長:", "課長㈹:"
    )
    values = {"id": "８１", "person": "１２", "page": "Ｐ１".lower(), "rank": "課長(代)"}
    activity, profile = taken({**values, "learnt": "２０２６/05/01", "code": "１０２０３２"}, text)
    assert activity.event_id == "81:activity"
    assert activity.data == ActivityRecorded(
        lead_id="crm-12", kind="page_viewed", category="p1", details={"batch": 7}
    )
    assert isinstance(profile.data, ProfileChanged)
    assert (profile.data.municipality_code, profile.data.role) == ("102032", "manager")


A_PROFILE: dict[str, object] = {"rank": "課長", "learnt": "2026/05/01", "action": ""}
BY_NAME = MAPPING.replace("{column: code}", "{column: code, cast: municipality, prefecture: page}")


@pytest.mark.parametrize(
    ("code", "prefecture", "expected"),
    [
        ("桐生市役所", "", "102032"),
        ("府中市", "東京都", "132063"),
        ("102032", "", "102032"),
        ("１０２０３-２", "", "102032"),
        ("11002", "", "011002"),
        ("10203", "", "102032"),
    ],
)
def test_a_municipality_is_read_by_name_or_code(code: str, prefecture: str, expected: str) -> None:
    [profile] = taken({**A_PROFILE, "code": code, "page": prefecture}, BY_NAME)
    assert isinstance(profile.data, ProfileChanged)
    assert profile.data.municipality_code == expected


@pytest.mark.parametrize(
    ("code", "prefecture", "reason"),
    [
        ("府中市", "", "'府中市' may be 東京都府中市 (132063) or 広島県府中市 (342084)"),
        ("桐生市", "栃木県", "'桐生市' is not in 栃木県: 群馬県桐生市 (102032)"),
        ("桐生商工会議所", "", "names no municipality"),
        ("102033", "", "wrong check digit"),
        ("99999", "", "is no municipality code"),
    ],
)
def test_a_municipality_that_may_be_another_is_rejected(
    code: str, prefecture: str, reason: str
) -> None:
    rejection = events({**A_PROFILE, "code": code, "page": prefecture}, BY_NAME)
    assert isinstance(rejection, Rejection)
    assert (rejection.column, rejection.kind) == ("code", "no_municipality")
    assert reason in rejection.reason


def test_a_snapshot_dates_ids_of_profiles_and_of_nothing_else() -> None:
    text = MAPPING.replace("rules:", "snapshot: true\nrules:")
    activity, profile = taken({"rank": "課長", "learnt": "2026/05/01"}, text)
    assert activity.event_id == "81:activity"
    assert profile.event_id == "81:profile:2026-04-30T15:00:00+00:00"


def test_a_profile_without_a_date_was_so_when_the_file_was_exported() -> None:
    text = MAPPING.replace("rules:", "snapshot: true\nrules:")
    text = text.replace(
        "timezone: Asia/Tokyo}\n    data:\n      role", "empty: export}\n    data:\n      role"
    )
    exported_at = datetime(2026, 11, 20, tzinfo=UTC)
    row = Row(2, {**ROW, "rank": "課長", "learnt": ""})
    found = RowMapping(read_mapping(text), NOW, exported_at).events(row)
    assert not isinstance(found, Rejection)
    assert [event.occurred_at for event in found][1] == exported_at


def test_a_mapping_may_consist_of_a_profile_alone() -> None:
    text = """
format: csv
source: https://crm.example
id: "{id}"
lead_id: "crm-{id}"
snapshot: true
time: export
rules:
  - name: profile
    event: profile_changed
    data: {department: {column: page}}
"""
    [profile] = taken({"page": "総務課"}, text)
    assert profile.occurred_at == NOW
