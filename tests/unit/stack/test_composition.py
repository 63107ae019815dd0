"""A service's parts are put together in its container, for whoever uses them."""

import ast
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PACKAGES = {
    "lead_scoring": "services/lead-scoring/src",
    "budget_calendar": "services/budget-calendar/src",
    "handoff": "services/handoff/src",
    "followup": "services/followup/src",
}
INTEGRATED = ("contract", "e2e", "integration", "support")
ELSEWHERE_TOO = {
    "AnswerRates",  # same as Playbooks
    "Behaviours",  # tests give it playbooks of their own
    "CalendarCalculator",  # pure
    "Classifier",  # pure
    "Consents",  # same as MailHandler
    "ContentPreviews",  # same as Playbooks
    "Contents",  # same as Playbooks
    "DealStatements",  # tests give it handoffs that decide without Temporal
    "Deliveries",  # tests need several processes that send the same mail
    "DkimKey",  # pure
    "Entries",  # same as Occurrences
    "EnvelopeSenders",  # pure
    "FoundReasons",  # same as MailHandler
    "Handoffs",  # a test gives it workflows that are busy
    "ImapMailbox",  # same as MailHandler
    "IncomingMails",  # same as MailHandler
    "LeadEventPublisher",  # the import and the replay publish without a service
    "Limits",  # pure
    "MailHandler",  # tests give it sequences that are stuck
    "Maildir",  # same as MailHandler
    "Mailer",  # same as Deliveries
    "Notifier",  # without Temporal, for a command and a benchmark
    "Occurrences",  # tests give it sequences that are stuck, or too many
    "Office",  # pure
    "PersonalData",  # same as Occurrences
    "Playbooks",  # tests publish without a service
    "Previews",  # same as Playbooks
    "Precedences",  # same as Occurrences
    "PursuitWorkflows",  # a test that doesn't wait long assigns its own
    "Reasons",  # same as MailHandler
    "Reassignments",  # same as Occurrences
    "SellerActivities",  # same as DealStatements
    "SendPolicy",  # pure
    "SequenceWorkflows",  # same as Occurrences
    "Sequences",  # same as Occurrences
    "UnknownMails",  # same as Deliveries
    "UnsubscribeTokens",  # pure
    "Waking",  # same as Handoffs
}
WITHOUT_SETTINGS = "services/budget-calendar/src/budget_calendar/municipalities/stored.py"
"""A command of someone who has the database and no more of the service's settings."""


def constructed(module: Path, package: str) -> set[str]:
    """The classes of ``package`` that a module imports and calls."""
    nodes = list(ast.walk(ast.parse(module.read_text(encoding="utf-8"))))
    imported = {
        alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{package}.")
        for alias in node.names
        if alias.name[0].isupper()
    }
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    return imported & {name.id for name in called if isinstance(name, ast.Name)}


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_container_and_unit_tests_construct_what_it_wires(package: str) -> None:
    source = REPOSITORY / PACKAGES[package]
    containers = set((source / package).glob("*container.py"))
    parts = set[str]().union(*(constructed(each, package) for each in containers)) - ELSEWHERE_TOO
    assert parts
    folders = (source, REPOSITORY / "benchmarks", *map((REPOSITORY / "tests").joinpath, INTEGRATED))
    by_hand = {
        str(module.relative_to(REPOSITORY)): made
        for folder in folders
        for module in folder.rglob("*.py")
        if module not in {*containers, REPOSITORY / WITHOUT_SETTINGS}
        if (made := constructed(module, package) & parts)
    }
    assert by_hand == {}
