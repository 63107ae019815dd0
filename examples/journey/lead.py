"""A stranger becomes a lead: events in, a score with its reasons out, and what became of it."""

from datetime import datetime
from typing import Any, Final

from examples.journey.cast import enquiry, profile, visits
from examples.journey.context import Journey
from examples.journey.services import publish
from examples.journey.steps import NotYet, Steps

_EVENTS: Final = "/v1/lead-events"
_REASONS: Final = 4
_READY: Final = ("A1", "B1")
"""The grades that are ready for field sales, as the shipped rules say."""


def visit(journey: Journey) -> None:
    """Somebody reads on the website; nobody knows who."""
    steps, cast, api = journey.steps, journey.cast, journey.services.lead_scoring
    steps.begin("A stranger reads about prices, and is scored")
    sent = visits(cast, journey.now)
    publish(api, _EVENTS, sent)
    path = f"/v1/leads/{cast.manager.lead_id}"

    def scored() -> dict[str, Any] | NotYet:
        lead: dict[str, Any] = api.get(path)
        seen = datetime.fromisoformat(lead["last_activity_at"])
        newest = max(datetime.fromisoformat(each["time"]) for each in sent)
        return lead if seen >= newest else NotYet(f"a score up to {seen}")

    lead = steps.wait("the score of four visits", scored)
    _show(steps, lead, "municipality unknown")
    steps.link("Score and reasons", f"{api.settings.api_url}{path}")


def qualify(journey: Journey) -> None:
    """The stranger says who they are, and asks for a quote."""
    steps, cast, api = journey.steps, journey.cast, journey.services.lead_scoring
    official = cast.manager
    steps.begin(f"{official.name} of {cast.place.name} asks for a quote, and qualifies")
    publish(api, _EVENTS, enquiry(cast, journey.now))
    publish(api, _EVENTS, [profile(cast, cast.treasurer, journey.now)])
    path = f"/v1/leads/{official.lead_id}"

    def qualified() -> dict[str, Any] | NotYet:
        lead: dict[str, Any] = api.get(path)
        return lead if lead["grade"] in _READY else NotYet(f"grade {lead['grade']}")

    lead = steps.wait("a grade that is ready for field sales", qualified)
    _show(steps, lead, f"{cast.place.full_name} {official.department}")
    steps.link("The reasons, exactly", f"{api.settings.api_url}{path}/explanation")


def label(journey: Journey, handoff: dict[str, Any]) -> None:
    """The deal's outcome comes back to the score that began it."""
    steps, cast, api = journey.steps, journey.cast, journey.services.lead_scoring
    steps.begin("The outcome is a label of the score that began it all")

    def labelled() -> dict[str, Any] | NotYet:
        pages = api.pages("/v1/reports/labels", limit=200)
        found = [each for each in pages if each["handoff_id"] == handoff["handoff_id"]]
        if not found:
            return NotYet("no label of the handoff")
        label: dict[str, Any] = found[0]
        if label["outcome"] != "won" or label["ended_as"] != "closed":
            return NotYet(f"outcome {label['outcome']}, ended as {label['ended_as']}")
        return label

    label = steps.wait("the won deal in lead-scoring's labels", labelled)
    qualification = label["qualification"]
    steps.print(
        f"{cast.manager.lead_id}: qualified as [bold green]{qualification['grade']}[/], accepted, "
        f"contacted, [bold green]{label['outcome']}[/]. Rules are judged by labels like this one: "
        "which of their points come before won deals, and which before rejections."
    )
    steps.link("All labels", f"{api.settings.api_url}/v1/reports/labels")
    steps.link("Rules and rejections", f"{api.settings.api_url}/v1/reports/rejections")


def _show(steps: Steps, lead: dict[str, Any], where: str) -> None:
    steps.print(
        f"[bold green]{lead['grade']}[/]  [bold]{where}[/]  fit [bold]{lead['fit']:.1f}[/]  "
        f"engagement [bold]{lead['engagement']:.1f}[/]  [dim]{lead['lead_id']}[/]"
    )
    reasons = [each for each in lead["contributions"] if each["kind"] == "rule"]
    reasons.sort(key=lambda each: -abs(each["points"]))
    steps.lines(
        (f"{each['points']:+.1f}", each["label"]["ja"], each["label"]["en"])
        for each in reasons[:_REASONS]
    )
