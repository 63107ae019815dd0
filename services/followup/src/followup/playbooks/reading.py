"""Playbook files: YAML text to a playbook, or every problem with its line and the fix.

The shipped ones show the whole format.
The version is no part of the file: publishing gives it.
"""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from ruamel.yaml.nodes import Node

from followup.domain.contents.content import ContentKind
from followup.domain.playbooks.audience import Audience, MunicipalityKind, Role, SizeBand
from followup.domain.playbooks.checks import Limits, check
from followup.domain.playbooks.experiment import Experiment
from followup.domain.playbooks.findings import Finding
from followup.domain.playbooks.playbook import USUAL_EXITS, Entry, Goal, Playbook
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.playbooks.templates import (
    ContentWanted,
    FactSlot,
    FillIn,
    Formality,
    Template,
    TemplateKind,
    Variant,
)
from followup.playbooks.behaviour_reading import read_behaviours
from followup.playbooks.choices import one, several
from followup.playbooks.step_reading import read_steps
from followup.playbooks.wording import mistakes
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.yaml_reader import InvalidFileError, Report, Section, read

_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_FACT: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NEVER: Final = "never"

_REQUIRED: Final = "id name description audience entry priority goal steps"
_OF_ENTRY: Final = (
    "reasons behaviours again_after_days one_per_municipality only_while_good also_afterwards"
)
_OPTIONAL: Final = "exits mails_per_week experiment behaviours facts templates"


class PlaybookFileError(InvalidFileError):
    """A playbook file that can't be used."""


def read_playbook(text: str, limits: Limits, version: int = 0) -> Playbook:
    """Return the playbook that ``text`` (YAML) describes, fit to be published.

    Raises:
        PlaybookFileError: with every problem that was found.
    """
    return _read(text, Report(), limits, version)


def published_playbook(document: str, version: int) -> Playbook:
    """Return a playbook that was published, and so was checked by the rules of then.

    Raises:
        PlaybookFileError: its format can't be read any more.
    """
    return _read(document, Report(checking=False), Limits(), version)


def check_playbook_id(playbook_id: str) -> str:
    """Return ``playbook_id`` if a playbook may be called so.

    Raises:
        DomainError: it can't (``not_an_id``).
    """
    if not _SLUG.fullmatch(playbook_id):
        raise DomainError(
            f"{playbook_id!r} must be lower-case letters, digits, '-' or '_', at most 64",
            field="id",
            code="not_an_id",
        )
    return playbook_id


def shipped() -> dict[str, str]:
    """The texts of the playbooks that come with the package, by file name without its ending."""
    folder = files(__package__).joinpath("shipped")
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda each: each.name)
        if entry.name.endswith(".yaml")
    }


def _read(text: str, report: Report, limits: Limits, version: int) -> Playbook:
    root = read(text, report)
    playbook = None if root is None else _playbook(root, report, limits, version)
    if playbook is None or report.problems:
        raise PlaybookFileError(sorted(set(report.problems)), report.more)
    return playbook


def _playbook(root: Node, report: Report, limits: Limits, version: int) -> Playbook | None:
    file = Section(root, report, "the playbook", _REQUIRED, _OPTIONAL)
    if name := file.text("id"):
        try:
            check_playbook_id(name)
        except DomainError as error:
            file.refuse("id", error.message)
    steps, places = read_steps(file)
    templates = tuple(_templates(file))
    mails = file.whole("mails_per_week")
    playbook = Playbook(
        id=name,
        version=version,
        name=file.text("name"),
        description=file.text("description").strip(),
        audience=_audience(file),
        entry=_entry(file),
        priority=file.whole("priority") or 0,
        steps=steps,
        goal=_goal(file.section("goal", "", "occurrences behaviours")),
        exits=_exits(file),
        mails_per_week=1 if mails is None else mails,
        experiment=_experiment(file),
        behaviours=read_behaviours(file),
        facts=tuple(_facts(file)),
        templates=tuple(template for template, _ in templates),
    )
    if not file.sound:
        return None
    for finding in check(playbook, limits):
        _report(finding, file, places)
    for template, nodes in templates:
        for variant, node in zip(template.variants, nodes, strict=True):
            _report_wording(playbook, template, variant, node)
    return playbook


def _report(finding: Finding, file: Section, places: tuple[Section, ...]) -> None:
    section = file if finding.step is None else places[finding.step]
    section.refuse(finding.key, f"{finding.message} ({finding.code})")


def _report_wording(
    playbook: Playbook, template: Template, variant: Variant, section: Section
) -> None:
    bodies = [node for key, _, node in section.entries() if key == "body"]
    for mistake in mistakes(playbook, template, variant):
        reason = f"template {template.name}: {mistake.message} ({mistake.code})"
        if section.report.checking:
            section.report.add(bodies[0], reason, line=mistake.line)


def _audience(file: Section) -> Audience:
    section = file.section(
        "audience", "roles", "role_unknown size_bands municipality_kinds policy_areas"
    )
    return Audience(
        roles=several(section, "roles", Role),
        role_unknown=bool(section.boolean("role_unknown")),
        size_bands=several(section, "size_bands", SizeBand),
        municipality_kinds=several(section, "municipality_kinds", MunicipalityKind),
        policy_areas=frozenset(section.texts("policy_areas")),
    )


def _entry(file: Section) -> Entry:
    section = file.section("entry", "", _OF_ENTRY)
    again = None
    if section.scalar("again_after_days") != _NEVER:
        again = section.whole("again_after_days")
    return Entry(
        frozenset(section.texts("reasons")),
        frozenset(section.texts("behaviours")),
        again,
        one_per_municipality=bool(section.boolean("one_per_municipality")),
        only_while_good=bool(section.boolean("only_while_good")),
        also_afterwards=bool(section.boolean("also_afterwards")),
    )


def _goal(section: Section) -> Goal:
    return Goal(
        several(section, "occurrences", OccurrenceKind), frozenset(section.texts("behaviours"))
    )


def _exits(file: Section) -> frozenset[OccurrenceKind]:
    """``exits: none`` leaves what always ends a sequence."""
    if "exits" not in file:
        return USUAL_EXITS
    if any(name == "exits" and node.value == "none" for name, _, node in file.entries()):
        return frozenset()
    return several(file, "exits", OccurrenceKind)


def _experiment(file: Section) -> Experiment | None:
    if "experiment" not in file:
        return None
    section = file.section("experiment", "measure mails_per_variant", "share_b")
    measure = one(section, "measure", OccurrenceKind)
    share = section.number("share_b")
    return Experiment(
        measure or OccurrenceKind.ANSWERED,
        section.whole("mails_per_variant") or 0,
        0.5 if share is None else float(share),
    )


def _facts(file: Section) -> Iterator[FactSlot]:
    if "facts" not in file:
        return
    for name, key, node in file.section("facts", optional=None).entries():
        if not _FACT.fullmatch(name):
            file.report.refuse(key, f"{name!r} must be lower-case letters, digits and '_'")
        section = Section(node, file.report, f"fact {name}", "label unit")
        yield FactSlot(name, section.text("label"), section.text("unit"))


def _templates(file: Section) -> Iterator[tuple[Template, tuple[Section, ...]]]:
    """Yield each template with the places of its variants."""
    if "templates" not in file:
        return
    for name, _, node in file.section("templates", optional=None).entries():
        section = Section(
            node, file.report, f"template {name}", "kind variants", "fill_ins answer content"
        )
        places = section.sections("variants", "body", "subject roles size_bands formality")
        template = Template(
            name=name,
            kind=one(section, "kind", TemplateKind) or TemplateKind.GUIDE,
            variants=tuple(_variant(place) for place in places),
            fill_ins=tuple(_fill_ins(section)),
            answer=section.text("answer") or None,
            content=_content(section),
        )
        names = {each.name for each in template.fill_ins}
        if template.answer is not None and template.answer not in names:
            section.refuse("answer", f"{template.answer!r} is no fill-in of this template")
        yield template, places


def _variant(section: Section) -> Variant:
    return Variant(
        body=section.text("body"),
        subject=section.text("subject"),
        roles=several(section, "roles", Role),
        size_bands=several(section, "size_bands", SizeBand),
        formality=one(section, "formality", Formality),
    )


def _content(template: Section) -> ContentWanted | None:
    if "content" not in template:
        return None
    section = template.section("content", "kinds", "about offered")
    return ContentWanted(
        several(section, "kinds", ContentKind),
        section.text("about"),
        offered=bool(section.boolean("offered")),
    )


def _fill_ins(template: Section) -> Iterator[FillIn]:
    if "fill_ins" not in template:
        return
    labels = template.section("fill_ins", optional=None)
    for name, key, _ in labels.entries():
        if not _FACT.fullmatch(name):
            template.report.refuse(key, f"{name!r} must be lower-case letters, digits and '_'")
        yield FillIn(name, labels.text(name))
