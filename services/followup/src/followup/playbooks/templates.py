"""The texts of playbooks: Jinja of which only values and conditions are allowed.

A template can't loop, call or include, so that it ends and reads the same for everybody who checks
it. It may name :data:`VARIABLES`, the playbook's facts as ``facts.<name>`` and where they come from
as ``sources.<name>``, and its fill-ins as ``fill.<name>``.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2 import Template as CompiledTemplate
from jinja2.sandbox import SandboxedEnvironment

from followup.domain.approved_texts import placeholder
from followup.domain.playbooks.audience import SizeBand
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import FillIn, Reader, Template, TemplateKind, Variant
from kakehashi_common.contracts.texts import forbidden_character
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
    "material_url": "資料のURL",
    "meeting_url": "日程調整のURL",
    "week": "実証の何週目か。実証の確認でのみ",
    "size_band": "人口規模（under_50k、50k_300k、over_300k）。不明なら空。条件で使う",
}
"""What every template may name. The value of each is given when a text is rendered."""

_OPTIONAL: Final = frozenset({"contact_name", "reason_day", "week"})
"""Variables that may be absent: they are then empty, as is one that a text asks about (``if``)."""

_SEVERAL_LINES: Final = frozenset({"signature"})
_MADE: Final = frozenset({"addressee", "size_band"})
"""Variables that are made of others, and of the reader."""

_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_FIGURE: Final = re.compile(
    r"[0-9０-９〇一二三四五六七八九十百千万億]+\s*(?:円|[%％]|パーセント|ポイント|時間|件|人|世帯|倍|割)"
)
"""A number that claims something. Days, months and minutes of a meeting are no such claim."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure of a fact sheet."""

    value: Decimal
    source: str
    """Where it comes from: a measurement, a document, a calculation with its assumptions."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a text; lines count from 1."""

    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text for one reader."""

    subject: str
    text: str
    unfilled: tuple[FillIn, ...]
    """What a person has to write before it may go out; the text shows 【label】 there."""


class _Environment(SandboxedEnvironment):
    """Plain text: nothing is escaped here, the composer escapes what it makes into HTML."""

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
        )
        self.globals.clear()


_ENVIRONMENT: Final = _Environment()


def mistakes(playbook: Playbook, template: Template, variant: Variant) -> Iterator[Mistake]:
    """Yield what is wrong with a text, first to last."""
    known = {
        "facts": {slot.name for slot in playbook.facts},
        "sources": {slot.name for slot in playbook.facts},
        "fill": {each.name for each in template.fill_ins},
    }
    if template.kind is TemplateKind.MAIL:
        if not variant.subject:
            yield Mistake(0, "mail_without_subject", "a mail has a subject")
        if "signature" not in _names(variant.body):
            message = "a mail ends in {{ signature }}, which says who sends it"
            yield Mistake(0, "mail_without_signature", message)
    for text, first in ((variant.subject, 0), (variant.body, 1)):
        claims = () if template.kind is TemplateKind.GUIDE else _figures(text)
        for each in (*_wording(text, known), *claims):
            yield Mistake(each.line if first else 0, each.code, each.message)
    stated, others = facts_of(variant), facts_of(template.variants[0])
    if stated != others:
        message = (
            "all texts of a template state the same figures; this one and the first differ in "
            + ", ".join(sorted(stated ^ others))
        )
        yield Mistake(0, "figures_differ", message)


def facts_of(variant: Variant) -> frozenset[str]:
    """The facts that a text states."""
    return frozenset(
        name.removeprefix("facts.")
        for text in (variant.subject, variant.body)
        for name in _names(text)
        if name.startswith("facts.")
    )


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
    a fill-in: it is called ``meeting_url``, ``facts.hours_saved`` or ``sources.hours_saved``.

    Args:
        playbook: whose template it is.
        template: the template.
        reader: chooses the variant.
        values: of :data:`VARIABLES`.
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
    needed = {name for text in texts for name in _names(text)}
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
    context = {**plain, "facts": figures, "sources": sources, "fill": passages}
    subject = _compiled(variant.subject).render(context)
    return Rendered(
        subject=_line("subject", subject.strip()),
        text=_compiled(variant.body).render(context).strip() + "\n",
        unfilled=tuple(missing),
    )


def _addressee(values: Mapping[str, str]) -> str:
    """The first lines of a letter: to whom it goes, 様 behind a name."""
    person = values["contact_name"]
    return (
        f"{values['organisation']}　{values['department']}\n"
        f"{f'{person} 様' if person else 'ご担当者様'}"
    )


def _value(name: str, values: Mapping[str, str]) -> str:
    value = values.get(name, "").strip()
    return _text(name, value) if name in _SEVERAL_LINES else _line(name, value)


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
    if (character := forbidden_character(value)) is not None:
        raise DomainError(
            f"{name} holds {character}, a character that no text may hold: remove it",
            field=name,
            code="not_text",
        )
    return value


def _wording(text: str, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        yield Mistake(error.lineno, "template_syntax", f"not a template: {error.message}")
        return
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            message = (
                f"a template may hold values and if … else alone, but no {type(node).__name__}"
            )
            yield Mistake(node.lineno, "not_allowed_in_template", message)
        elif isinstance(node, nodes.Getattr):
            name = _path(node)
            owner, _, rest = name.partition(".")
            if owner not in known:
                yield Mistake(node.lineno, "unknown_variable", f"{name!r} is unknown")
            elif rest not in known[owner]:
                there = ", ".join(sorted(known[owner])) or "none"
                message = f"{name!r} is not declared; {owner} has: {there}"
                yield Mistake(node.lineno, "unknown_variable", message)
        elif isinstance(node, nodes.Compare) and (sizes := _unknown_sizes(node)):
            message = f"no size band is called {sizes[0]!r}; there are: {', '.join(SizeBand)}"
            yield Mistake(node.lineno, "unknown_size_band", message)
        elif isinstance(node, nodes.Name) and node.name not in {*VARIABLES, *known}:
            message = f"no variable is called {node.name!r}; there are: {', '.join(VARIABLES)}"
            yield Mistake(node.lineno, "unknown_variable", message)


def _unknown_sizes(comparison: nodes.Compare) -> list[Any]:
    compared = [comparison.expr, *(each.expr for each in comparison.ops)]
    if not any(isinstance(each, nodes.Name) and each.name == "size_band" for each in compared):
        return []
    constants = [each.value for each in compared if isinstance(each, nodes.Const)]
    return [value for value in constants if value not in set(SizeBand)]


def _figures(text: str) -> Iterator[Mistake]:
    for number, line in enumerate(text.splitlines(), 1):
        for found in _FIGURE.finditer(re.sub(r"\{[{%].*?[%}]\}", "", line)):
            message = f"{found[0]!r} is a figure: declare it among the facts, with a source"
            yield Mistake(number, "figure_not_from_facts", message)


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    if isinstance(node, nodes.Getattr):  # its parts were looked at as a whole
        return
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else type(node).__name__


def _tree(text: str) -> nodes.Template:
    """Return a text as it is parsed; one that is no template names nothing."""
    try:
        return _ENVIRONMENT.parse(text)
    except TemplateSyntaxError:
        return nodes.Template([])


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    """The variables that a text names, such as ``product`` and ``facts.hours_saved``."""
    return frozenset(
        _path(node) for node in _walk(_tree(text)) if isinstance(node, nodes.Name | nodes.Getattr)
    )


@lru_cache(maxsize=1024)
def _conditions(text: str) -> frozenset[str]:
    """The variables that a text asks about, so that it knows what to say without them."""
    return frozenset(
        node.name
        for each in _tree(text).find_all(nodes.If)
        for node in _walk(each.test)
        if isinstance(node, nodes.Name)
    )


@lru_cache(maxsize=1024)
def _compiled(text: str) -> CompiledTemplate:
    return _ENVIRONMENT.from_string(text)
