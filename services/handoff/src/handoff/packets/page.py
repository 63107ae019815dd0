"""One packet as a page: the same lines, written as Markdown and as HTML for one sheet of A4."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from handoff.domain.handoff.labels import ROLES
from handoff.domain.handoff.state import HandoffState
from handoff.domain.lead import Lead
from handoff.domain.packet.fields import FIELDS, SECTION_NAMES, Field, Section
from handoff.domain.packet.packet import Completeness, Entry, Packet, Verdict
from handoff.domain.teams.members import Role
from kakehashi_common.clock import japan_day
from kakehashi_common.domain.japanese_writing import day

VERDICTS: Final = {
    Verdict.CONFIRMED: "確認済み",
    Verdict.WRONG: "誤り",
    Verdict.UNKNOWN: "確認できず",
}
_EMPTY: Final = "（未入力）"
_DENSE: Final = 2_500
"""Characters beyond which less of each field is printed, so that one sheet holds all fields."""


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a packet's page, without its format."""

    title: str
    facts: Sequence[str]
    """The lines under the title: from whom to whom, when, how complete."""
    lines: Sequence[tuple[Field, Entry | None]]
    """The five first lines, then the sections."""
    internal: bool
    """Whether the reader belongs to the company: the municipality's copy shows no verdicts."""

    def sections(self) -> Iterator[tuple[Section, list[tuple[Field, Entry | None]]]]:
        """Yield each section with its lines, in the order in which they are read."""
        section: Section | None = None
        lines: list[tuple[Field, Entry | None]] = []
        for field, entry in self.lines:
            if field.section is not section:
                if section is not None:
                    yield section, lines
                section, lines = field.section, []
            lines.append((field, entry))
        if section is not None:
            yield section, lines


def page(  # noqa: PLR0913 - the parts of a page
    state: HandoffState,
    packet: Packet,
    completeness: Completeness,
    names: Mapping[str, str],
    *,
    role: Role,
    lead: Lead,
    internal: bool,
    now: datetime,
) -> Page:
    """Return the page of a packet for one reader.

    Args:
        state: the handoff.
        packet: prepared and completed.
        completeness: what it lacks.
        names: of members, by id.
        role: that reads it.
        lead: the lead, under the id that stays.
        internal: whether the reader belongs to the company.
        now: when it is printed.
    """
    printed = f"{day(japan_day(now))}現在"
    where = lead.municipality or "自治体未定"
    if not internal:
        return Page(
            f"{where}　引き継ぎ資料", [printed], packet.view(role, internal=False), internal=False
        )
    kind = state.kind
    sender = names.get(state.sender or "", state.sender or "担当者未記入")
    owner = names.get(state.owner or "", state.owner or "未割り当て")
    facts = [
        f"{ROLES[kind.from_role]}（{sender}）→ {ROLES[kind.to_role]}（{owner}）",
        f"引き継ぎ {state.handoff_id}　リード {lead.lead_id}　{printed}",
        _completeness(completeness),
    ]
    return Page(f"引き継ぎ票　{where}", facts, packet.view(role), internal=True)


def _completeness(found: Completeness) -> str:
    filled = found.required - len(found.missing)
    text = f"必須項目 {filled}/{found.required} 入力済み（{found.percent}%）"
    if found.missing:
        missing = "、".join(
            f"{FIELDS[each.key].label}（{ROLES[each.responsible]}）" for each in found.missing
        )
        text += f"　未入力：{missing}"
    return text


def note(entry: Entry) -> str:
    """Return the receiving side's verdict as a note; empty before there is one."""
    return "" if entry.verdict is None else VERDICTS[entry.verdict]


def markdown(shown: Page) -> str:
    """Return the page as Markdown; nothing that a person wrote is markup."""
    parts = [f"# {_plain(shown.title)}", *(f"{_plain(each)}  " for each in shown.facts)]
    for section, lines in shown.sections():
        parts += ["", f"## {SECTION_NAMES[section]}", ""]
        for field, entry in lines:
            text = _EMPTY if entry is None else entry.text
            verdict = f"（{note(entry)}）" if entry and shown.internal and note(entry) else ""
            first, *more = text.splitlines() or [""]
            parts.append(f"- **{field.label}**{verdict}：{_plain(first)}")
            parts += [f"  - {_plain(each)}" for each in more if each.strip()]
    return "\n".join(parts) + "\n"


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~&])", r"\\\1", text)


def html(shown: Page) -> str:
    """Return the page as HTML without a script; texts are text, whatever they hold."""
    root = ET.Element("html", lang="ja")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "meta", charset="utf-8")
    ET.SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    _add(head, "title", shown.title)
    _add(head, "style", _STYLE)
    length = sum(len(entry.text) for _, entry in shown.lines if entry is not None)
    body = ET.SubElement(root, "body", {"class": "dense"} if length > _DENSE else {})
    header = ET.SubElement(body, "header")
    _add(header, "h1", shown.title)
    for fact in shown.facts:
        _add(header, "p", fact)
    rest: ET.Element | None = None
    for section, lines in shown.sections():
        if section is not Section.SUMMARY and rest is None:
            rest = ET.SubElement(body, "main")
        parent = body if rest is None else rest
        part = ET.SubElement(parent, "section", {"class": section.value})
        _add(part, "h2", SECTION_NAMES[section])
        table = ET.SubElement(part, "dl")
        for field, entry in lines:
            _line(table, field, entry, internal=shown.internal)
    return "<!DOCTYPE html>\n" + ET.tostring(root, encoding="unicode", method="html")


def _line(table: ET.Element, field: Field, entry: Entry | None, *, internal: bool) -> None:
    row = ET.SubElement(table, "div")
    term = _add(row, "dt", field.label)
    if internal and entry is not None and entry.verdict is not None:
        _add(term, "small", note(entry)).set("class", entry.verdict.value)
    text = ET.SubElement(row, "dd", {"class": "empty"} if entry is None else {})
    _add(text, "p", _EMPTY if entry is None else entry.text)


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    added = ET.SubElement(parent, tag)
    added.text = text
    return added


_STYLE: Final = """
@page { size: A4; margin: 10mm 12mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 190mm; padding: 4mm; color: #111; background: #fff;
  font: 9pt/1.45 "Noto Sans CJK JP", "Noto Sans JP", "Hiragino Sans", "Yu Gothic", sans-serif; }
header { border-bottom: 2px solid #1f4e79; margin-bottom: 2mm; padding-bottom: 1.5mm; }
h1 { font-size: 14pt; margin: 0 0 1mm; }
header p { margin: 0; font-size: 8pt; color: #444; }
h2 { font-size: 9pt; margin: 2.5mm 0 0.5mm; color: #1f4e79; break-after: avoid; }
dl { margin: 0; border-top: 1px solid #bbb; }
dl div { display: grid; grid-template-columns: 24mm 1fr; border-bottom: 1px solid #ddd;
  break-inside: avoid; }
dt, dd { margin: 0; padding: 0.8mm 1.2mm; }
dt { font-weight: 700; font-size: 8pt; background: #f4f6f8; }
dd { white-space: pre-line; overflow-wrap: anywhere; }
dd p { margin: 0; }
dd.empty { color: #777; }
.summary dl div { grid-template-columns: 32mm 1fr; }
.summary dd { font-size: 10pt; }
main { columns: 2; column-gap: 5mm; margin-top: 2.5mm; }
main section:first-child h2 { margin-top: 0; }
small { display: block; font-weight: 400; }
small.confirmed { color: #1b6e3c; }
small.wrong { color: #a4161a; }
small.unknown { color: #7a5c00; }
@media screen and (max-width: 160mm) { main { columns: 1; } }
@media print {
  body { max-width: none; padding: 0; }
  dd p { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 10;
    line-clamp: 10; overflow: hidden; }
  .dense dd p { -webkit-line-clamp: 4; line-clamp: 4; }
}
"""
