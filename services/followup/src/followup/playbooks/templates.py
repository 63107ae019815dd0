"""The texts of playbooks: Jinja of which only values and conditions are allowed.

A template can't loop, call or include, so that it ends and reads the same for everybody who checks
it. It may name :data:`VARIABLES`, the playbook's facts as ``facts.<name>`` and where they come from
as ``sources.<name>``, its fill-ins as ``fill.<name>``, and if it wants content :data:`CONTENT` as
``content.<name>``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as CompiledTemplate
from jinja2.sandbox import SandboxedEnvironment

from followup.domain.approved_texts import placeholder
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import FillIn, Reader, Template, Variant
from kakehashi_common.contracts.texts import forbidden_character, without_directions
from kakehashi_common.domain.errors import DomainError

VARIABLES: Final[Mapping[str, str]] = {
    "organisation": "地方公共団体の名称（◯◯市）",
    "department": "部署名",
    "contact_name": "相手の氏名。不明なら空",
    "addressee": "宛名。団体・部署・氏名から作られる（複数行）",
    "sender_company": "自社の名称",
    "sender_name": "担当者の氏名",
    "signature": "署名（複数行）",
    "product": "提案するサービスの名称",
    "policy_area": "政策分野の名称",
    "fiscal_year": "編成中の予算の年度（令和9年度）",
    "reason_day": "きっかけの期日（10月30日）。なければ空",
    "reason_source": "きっかけの出典。なければ空",
    "material_url": "資料のURL",
    "meeting_url": "日程調整のURL",
    "meeting_slots": "担当者の予定表から、面談できる日時の候補（複数行）。分からなければ空",
    "week": "実証の何週目か。実証の確認でのみ",
    "mailed_before": "このシーケンスで先に送ったメールがあれば真。条件で使う",
    "size_band": "人口規模（under_50k、50k_300k、over_300k）。不明なら空。条件で使う",
}
"""Variables that every template may name. Their values are given when a text is rendered."""

CONTENT: Final[Mapping[str, str]] = {
    "title": "お届けする資料の題名",
    "url": "お届けする資料のURL",
    "passage": "お届けする資料からの引用",
    "source": "お届けする資料の出典",
}
"""Variables for the content that was chosen for a template."""

_OPTIONAL: Final = frozenset(
    {"contact_name", "mailed_before", "meeting_slots", "reason_day", "reason_source", "week"}
)
"""Variables that may be absent: they are then empty, as is one that a text asks about (``if``)."""

SEVERAL_LINES: Final = frozenset({"addressee", "meeting_slots", "signature"})
_MADE: Final = frozenset({"addressee", "size_band"})
"""Variables that are made of others, and of the reader."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a fact sheet."""

    value: Decimal
    source: str
    """The source: a measurement, a document, a calculation with its assumptions."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text for one reader."""

    subject: str
    text: str
    unfilled: tuple[FillIn, ...]
    """Passages that a person has to write before it may go out; the text shows 【label】 there."""


class _Absent(str):
    """Takes the place of an unknown value in a text; false in a condition."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


class _Content(dict[str, str]):
    """The chosen content; false in a condition if none was chosen."""

    def __bool__(self) -> bool:
        return bool(self["title"])


class _Environment(SandboxedEnvironment):
    """Plain text: nothing is escaped here, the composer escapes what it makes into HTML."""

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self.globals.clear()


ENVIRONMENT: Final = _Environment()


def facts_of(variant: Variant) -> frozenset[str]:
    """The facts that a text states."""
    return frozenset(
        name.removeprefix("facts.")
        for text in (variant.subject, variant.body)
        for name in names_in(text)
        if name.startswith("facts.")
    )


def variables_of(template: Template) -> frozenset[str]:
    """The variables that a template's texts name."""
    texts = (text for each in template.variants for text in (each.subject, each.body))
    return frozenset[str]().union(*map(names_in, texts))


def render(
    playbook: Playbook,
    template: Template,
    reader: Reader,
    values: Mapping[str, str],
    facts: Mapping[str, Fact],
    fill: Mapping[str, str],
) -> Rendered:
    """Return the text for a reader.

    A value, a figure or its source that is not known is a passage that a person has to write, like
    a fill-in: it is called ``meeting_url``, ``facts.hours_saved`` or ``sources.hours_saved``. So is
    what the text names of content where none was chosen, such as ``content.title``, unless it asks
    first (``if content``).

    Args:
        playbook: whose template it is.
        template: the template.
        reader: chooses the variant.
        values: of :data:`VARIABLES`, and of :data:`CONTENT` as ``content.<name>``.
        facts: the fact sheet.
        fill: what a person wrote into the fill-ins so far.

    Raises:
        DomainError: no text is for that reader (``role_without_variant``), or a value holds what
            must not get into a mail (``line_break``, ``not_text``).
    """
    variant = template.variant(reader)
    if variant is None:
        raise DomainError(
            f"the template {template.name!r} has no text for {reader.role}",
            field="role",
            code="role_without_variant",
        )
    texts = (variant.subject, variant.body)
    needed = {name for text in texts for name in names_in(text)}
    if "addressee" in needed:
        needed |= {"organisation", "department", "contact_name"}
    optional = _OPTIONAL.union(*(_conditions(text) for text in texts))
    missing: list[FillIn] = []
    plain: dict[str, str] = {}
    for name in (name for name in VARIABLES if name in needed - _MADE):
        plain[name] = _value(name, values)
        if not plain[name] and name not in optional:
            missing.append(FillIn(name, VARIABLES[name]))
            plain[name] = placeholder(missing[-1])
    if "addressee" in needed:
        plain["addressee"] = _addressee(plain)
    plain["size_band"] = reader.size_band or ""
    figures: dict[str, str] = {}
    sources: dict[str, str] = {}
    for slot in playbook.facts:
        known = facts.get(slot.name)
        if known is not None:
            figures[slot.name] = f"{known.value.normalize():,f}{slot.unit}"
            sources[slot.name] = _line(slot.name, known.source)
            continue
        figure = FillIn(f"facts.{slot.name}", f"{slot.label}（{slot.unit}）")
        source = FillIn(f"sources.{slot.name}", f"{slot.label}の根拠")
        figures[slot.name], sources[slot.name] = placeholder(figure), placeholder(source)
        missing += (each for each in (figure, source) if each.name in needed)
    written = {each.name: fill.get(each.name, "").strip() for each in template.fill_ins}
    missing += (
        each
        for each in template.fill_ins
        if not written[each.name] and f"fill.{each.name}" in needed
    )
    passages = {
        each.name: _text(each.name, written[each.name]) or placeholder(each)
        for each in template.fill_ins
    }
    content = _Content({name: _chosen(name, values) for name in CONTENT})
    context = {**plain, "facts": figures, "sources": sources, "fill": passages, "content": content}
    subject = _compiled(variant.subject).render(context).strip()
    text = _compiled(variant.body).render(context).strip() + "\n"
    missing += (
        FillIn(f"content.{name}", CONTENT[name])
        for name, value in content.items()
        if not value and value in subject + text
    )
    return Rendered(_line("subject", subject), text, tuple(missing))


def _chosen(name: str, values: Mapping[str, str]) -> str:
    value = values.get(f"content.{name}", "")
    return value or _Absent(placeholder(FillIn(name, CONTENT[name])))


def _addressee(values: Mapping[str, str]) -> str:
    """The first lines of a letter: to whom it goes, 様 behind a name."""
    person = values["contact_name"]
    return (
        f"{values['organisation']}　{values['department']}\n"
        f"{f'{person} 様' if person else 'ご担当者様'}"
    )


def _value(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "").strip()
    return _text(name, value) if name in SEVERAL_LINES else _line(name, value)


def _line(name: str, value: str) -> str:
    """A line break in a name would end a mail's header and begin another."""
    if len(value.splitlines()) > 1:
        raise DomainError(
            f"{name} holds a line break, which may not stand there: write it in one line",
            field=name,
            code="line_break",
        )
    return _text(name, value)


def _text(name: str, value: str) -> str:
    value = without_directions(value)
    if (character := forbidden_character(value)) is not None:
        raise DomainError(
            f"{name} holds {character}, a character that no text may hold: remove it",
            field=name,
            code="not_text",
        )
    return value


def walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the parts of a parsed text, what is named as a whole."""
    yield node
    if isinstance(node, nodes.Getattr):  # its parts were looked at as a whole
        return
    for child in node.iter_child_nodes():
        yield from walk(child)


def path(node: nodes.Node) -> str:
    """Return what a part names, such as ``facts.hours_saved``."""
    if isinstance(node, nodes.Getattr):
        return f"{path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else type(node).__name__


def _tree(text: str) -> nodes.Template:
    """Return a text as it is parsed; one that is no template names nothing."""
    try:
        return ENVIRONMENT.parse(text)
    except TemplateSyntaxError:
        return nodes.Template([])


@lru_cache(maxsize=1024)
def names_in(text: str) -> frozenset[str]:
    """The variables that a text names, such as ``product`` and ``facts.hours_saved``."""
    return frozenset(
        path(node) for node in walk(_tree(text)) if isinstance(node, nodes.Name | nodes.Getattr)
    )


@lru_cache(maxsize=1024)
def _conditions(text: str) -> frozenset[str]:
    """The variables that a text asks about, so that it knows what to say without them."""
    return frozenset(
        node.name
        for each in _tree(text).find_all(nodes.If)
        for node in walk(each.test)
        if isinstance(node, nodes.Name)
    )


@lru_cache(maxsize=1024)
def _compiled(text: str) -> CompiledTemplate:
    return ENVIRONMENT.from_string(text)
