"""A mapping file that can't be used says why, with the line."""

from pathlib import Path

import pytest

from lead_scoring.importer.mapping_file import MappingFileError, read_mapping

EXAMPLES = Path(__file__).parents[4] / "examples"

GOOD = """\
format: csv
source: https://crm.example
lead_id: "crm-{id}"
time: {column: when, timezone: Asia/Tokyo}
lookups:
  roles: {課長: manager, 主事: officer}
rules:
  - name: visit
    when: {action: view}
    event: activity_recorded
    data:
      kind: page_viewed
      category: {column: page, cast: slug}
  - name: profile
    event: profile_changed
    data:
      role: {column: rank, lookup: roles}
"""


def test_a_good_mapping_knows_the_columns_that_it_reads() -> None:
    assert read_mapping(GOOD).columns() == {"id", "when", "action", "page", "rank"}


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("mapping*.yaml")), ids=str)
def test_the_shipped_mappings_are_valid(path: Path) -> None:
    assert read_mapping(path.read_text(encoding="utf-8")).rules


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("format: csv", "format: xlsx", 1, "format: Input should be 'csv' or 'ndjson'"),
        ("format: csv\n", "", 1, "format is missing"),
        ("source:", "source: a\nsauce:", 3, "sauce is not known here"),
        ('"crm-{id}"', '"crm-{id"', 3, "lead_id: expected '}' before end of string"),
        ('"crm-{id}"', '"crm-{}"', 3, "without format or conversion"),
        ("Asia/Tokyo", "Asia/Edo", 4, "'Asia/Edo' is no time zone; write one such as Asia/Tokyo"),
        ("column: when,", "column: when, format: dmy,", 4, "'dmy' is no time format"),
        ("  - name: visit", "  - name: Visit!", 8, "rules.1.name"),
        ("  - name: profile", "  - name: visit", 14, "another rule is named 'visit'"),
        ("{action: view}", "{action: {}}", 9, "asks nothing"),
        ("{action: view}", "{action: {matches: '('}}", 9, "'(' is no regular expression"),
        ("event: activity_recorded", "event: visited", 10, "rules.1.event: Input should be"),
        ("kind: page_viewed", "sort: page_viewed", 8, "has no field 'sort'; it has category"),
        ("      kind: page_viewed\n", "", 8, "activity_recorded needs kind"),
        ("cast: slug", "cast: date", 13, "rules.1.data.category.cast: Input should be"),
        ("column: page,", "column: page, const: 1,", 13, "exactly one of column, template,"),
        ("lookup: roles", "lookup: ranks", 17, "there is no lookup 'ranks'"),
        ("cast: slug", "cast: slug, prefecture: x", 13, "prefecture goes with cast: municipality"),
        ("column: when, ", "", 4, "name the column that says when, or write time: export"),
        ("{column: when, timezone: Asia/Tokyo}", "export", 8, "activity_recorded needs the time"),
        ("{column: when,", "{column: when, empty: export,", 8, "needs the time at which it"),
        (
            "    event: profile_changed\n",
            "    event: profile_changed\n    time: export\n",
            14,
            "what is dated by it needs snapshot: true",
        ),
        ("rules:\n", "snapshot: true\nrules:\n", 15, "with snapshot: true a record needs an id"),
        (
            "column: when,",
            "column: when, format: [],",
            4,
            "time.format: Value should have at least 1 item",
        ),
        ("column: when,", "column: when, format: [x],", 4, "'x' is no time format"),
        ("source:", "lines_per_record: 0\nsource:", 2, "greater than or equal to 1"),
        ("rules:\n", "rules: []\nmore:\n", 7, "rules: Tuple should have at least 1 item"),
        ("    data:\n      kind", "     data:\n      kind", 11, "not valid YAML"),
        ("format: csv", "format: csv\nformat: csv", 2, "no YAML: found duplicate key"),
    ],
)
def test_a_mistake_is_reported_with_its_line(old: str, new: str, line: int, reason: str) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(MappingFileError) as caught:
        read_mapping(GOOD.replace(old, new, 1))
    problem = caught.value.problems[0]
    assert reason in problem.reason
    assert problem.line == line


def test_all_mistakes_are_reported_at_once_in_order_of_line() -> None:
    broken = GOOD.replace("csv", "xlsx").replace("cast: slug", "cast: date")
    with pytest.raises(MappingFileError) as caught:
        read_mapping(broken)
    assert [problem.line for problem in caught.value.problems] == [1, 13]


def test_a_file_that_is_no_mapping_says_so() -> None:
    with pytest.raises(MappingFileError, match="line 1: the file must be a mapping"):
        read_mapping("- a\n- b\n")


def test_the_documented_mapping_is_valid() -> None:
    readme = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    document = readme.split("```yaml\n")[1].split("```")[0]
    assert read_mapping(document).columns() >= {"case", "customer", "finished_at"}
