"""Check the wording of a playbook's texts: each mistake has its line and the fix."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes

from followup.domain.playbooks.audience import SizeBand
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.templates import Template, TemplateKind, Variant
from followup.playbooks.templates import (
    CONTENT,
    ENVIRONMENT,
    SEVERAL_LINES,
    VARIABLES,
    facts_of,
    names_in,
    path,
    walk,
)

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
    r"[0-9０-９〇一二三四五六七八九十百千万億]+\s*"
    r"(?:円|[%％]|パーセント|ポイント|時間|件|団体|自治体|人|名|世帯|倍|割|分の[0-9０-９一二三四五六七八九十])"
)
"""A number that claims something. Days, months and minutes of a meeting don't."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake in a text; lines count from 1."""

    line: int
    code: str
    message: str


def mistakes(playbook: Playbook, template: Template, variant: Variant) -> Iterator[Mistake]:
    """Yield the mistakes in a text, first to last."""
    known = {
        "facts": {slot.name for slot in playbook.facts},
        "sources": {slot.name for slot in playbook.facts},
        "fill": {each.name for each in template.fill_ins},
    }
    if template.content is not None and not template.content.offered:
        known["content"] = set(CONTENT)
        yield from _content_mistakes(variant)
    if template.kind is TemplateKind.MAIL:
        if not variant.subject:
            yield Mistake(0, "mail_without_subject", "a mail has a subject")
        for name in sorted(names_in(variant.subject) & SEVERAL_LINES):
            message = f"{{{{ {name} }}}} is several lines: it can't stand in a subject"
            yield Mistake(0, "several_lines_in_subject", message)
        if "signature" not in names_in(variant.body):
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


def _content_mistakes(variant: Variant) -> Iterator[Mistake]:
    named = names_in(variant.subject) | names_in(variant.body)
    if not any(name.startswith("content.") for name in named):
        message = "the template wants content: name it, as {{ content.title }}"
        yield Mistake(0, "content_not_named", message)
    if "content.passage" in named and "content.source" not in named:
        message = "what is quoted has a source: name it, as {{ content.source }}"
        yield Mistake(0, "passage_without_source", message)
    if "content.passage" in names_in(variant.subject):
        message = "a passage may have several lines: name it in the body alone"
        yield Mistake(0, "passage_in_subject", message)


def _wording(text: str, known: Mapping[str, set[str]]) -> Iterator[Mistake]:
    try:
        tree = ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        yield Mistake(error.lineno, "template_syntax", f"not a template: {error.message}")
        return
    for node in walk(tree):
        if not isinstance(node, _ALLOWED):
            message = (
                f"a template may hold values and if … else alone, but no {type(node).__name__}"
            )
            yield Mistake(node.lineno, "not_allowed_in_template", message)
        elif isinstance(node, nodes.Getattr):
            name = path(node)
            owner, _, rest = name.partition(".")
            if owner not in known:
                yield Mistake(node.lineno, "unknown_variable", f"{name!r} is unknown{_hint(owner)}")
            elif rest not in known[owner]:
                there = ", ".join(sorted(known[owner])) or "none"
                message = f"{name!r} is not declared; {owner} has: {there}"
                yield Mistake(node.lineno, "unknown_variable", message)
        elif isinstance(node, nodes.Compare) and (sizes := _unknown_sizes(node)):
            message = f"no size band is called {sizes[0]!r}; there are: {', '.join(SizeBand)}"
            yield Mistake(node.lineno, "unknown_size_band", message)
        elif isinstance(node, nodes.Name) and node.name not in {*VARIABLES, *known}:
            there = ", ".join(VARIABLES)
            message = f"no variable is called {node.name!r}; there are: {there}{_hint(node.name)}"
            yield Mistake(node.lineno, "unknown_variable", message)


def _hint(owner: str) -> str:
    """Return the fix for a name that is valid but not declared; else nothing."""
    wanted = "; declare in the template what it wants, as content: {kinds: [case]}"
    return wanted if owner == "content" else ""


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
