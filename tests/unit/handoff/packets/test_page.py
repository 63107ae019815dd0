"""A packet as a page: five first lines, sections by reader, and nothing in it is markup."""

from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from handoff.domain.lead import Lead
from handoff.domain.packet.fields import FIELDS, REQUIRED_BY_DEFAULT
from handoff.domain.packet.packet import Packet, Verdict
from handoff.domain.teams.members import Role
from handoff.packets.api import Format, preferred
from handoff.packets.page import Page, html, markdown, page
from tests.support.handoffs import Life

AT = datetime(2026, 11, 30, 1, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>&amp;\"'><img src=x onerror=alert(2)> [a](javascript:b) `c` *d*"


def shown(packet: Packet, *, internal: bool = True, role: Role = Role.FIELD_SALES) -> Page:
    return page(
        replace(Life("2026-11-30 10:00").state, sender=HOSTILE),
        packet,
        packet.completeness(REQUIRED_BY_DEFAULT[Role.FIELD_SALES]),
        {"fs-1": HOSTILE},
        role=role,
        lead=Lead("lead-1", municipality="群馬県桐生市"),
        internal=internal,
        now=AT,
    )


def filled(text: str = HOSTILE) -> Packet:
    packet = Packet()
    for key in FIELDS:
        packet = packet.entered(key, f"{text}\n{text}", by="is-1", at=AT)
    return packet


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(written: str) -> Tags:
    tags = Tags()
    tags.feed(written)
    tags.close()
    return tags


def test_hostile_text_is_text_in_html() -> None:
    tags = read(html(shown(filled().judged("need", Verdict.WRONG, by="fs-1"))))
    assert tags.found == {
        *("html", "head", "meta", "title", "style", "body", "header", "h1", "p"),
        *("main", "section", "h2", "dl", "div", "dt", "dd", "small"),
    }
    assert tags.attributes == {"lang", "charset", "name", "content", "class"}
    assert f"{HOSTILE}\n{HOSTILE}" in tags.texts


def test_hostile_text_is_text_in_markdown() -> None:
    written = markdown(shown(filled()))
    assert "\\<script\\>alert\\(1\\)\\</script\\>\\&amp;" in written
    assert "\\[a\\]\\(javascript:b\\) \\`c\\` \\*d\\*" in written
    assert "<script" not in written.replace("\\<", "")


def test_a_line_says_what_is_missing_and_who_sees_to_it() -> None:
    facts = shown(Packet().entered("need", "窓口のDX", by="is-1", at=AT)).facts
    assert facts[-1].startswith("必須項目 1/7 入力済み（14%）　未入力：相手先・担当者（")
    assert "約束したこと（インサイドセールス）" in facts[-1]


def test_the_page_says_from_whom_to_whom_and_about_whom() -> None:
    life = Life("2026-11-30 10:00")
    names = {"is-1": "鈴木 一郎", "fs-1": "佐藤 花子"}
    made = page(
        life.state,
        Packet(),
        Packet().completeness(()),
        names,
        role=Role.FIELD_SALES,
        lead=Lead("lead-2"),
        internal=True,
        now=AT,
    )
    assert made.title == "引き継ぎ票　自治体未定"
    assert made.facts[0] == "インサイドセールス（鈴木 一郎）→ フィールドセールス（佐藤 花子）"
    assert made.facts[1] == "引き継ぎ h-1　リード lead-2　2026年11月30日（月）現在"


def test_the_municipality_s_copy_says_nothing_of_how_the_seller_sees_it() -> None:
    texts = {key: f"[{key}]" for key in FIELDS}
    packet = Packet()
    for key, text in texts.items():
        packet = packet.entered(key, text, by="is-1", at=AT)
    packet = packet.judged("need", Verdict.WRONG, by="fs-1")
    written = html(shown(packet, internal=False, role=Role.CUSTOMER_SUCCESS))
    assert {key for key, text in texts.items() if text in written} == {
        *("who_and_where", "need", "budget_and_dates", "next_step", "open_questions"),
        *("promises", "contract", "success_measure", "renewal_on"),
    }
    assert "誤り" not in written
    assert "h-1" not in written


def test_an_empty_first_line_is_printed_as_empty() -> None:
    assert html(shown(Packet())).count("（未入力）") == 5
    assert markdown(shown(Packet())).count("（未入力）") == 5


@pytest.mark.parametrize(
    ("accept", "format_"),
    [
        (None, Format.JSON),
        ("*/*", Format.JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format.HTML),
        ("application/json;q=0.5, text/markdown", Format.MARKDOWN),
        ("TEXT/HTML; q=0.9; level=1, text/markdown;q=0.2", Format.HTML),
        ("text/html;q=x", Format.JSON),
        ("image/png", Format.JSON),
        (",;,", Format.JSON),
    ],
)
def test_the_format_is_the_one_that_is_preferred(accept: str | None, format_: Format) -> None:
    assert preferred(accept) is format_
