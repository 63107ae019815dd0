"""A simulation as JSON, its measures as the API shows them."""

from typing import Any

from handoff.domain.measures.report import Row
from handoff.measures.agenda_schemas import AgendaOut
from handoff.measures.schemas import MeasuresRowOut
from handoff.simulation.player import Played
from handoff.simulation.results import Results
from kakehashi_common.contracts.municipalities import municipality_name


def as_json(played: Played, results: Results) -> dict[str, Any]:
    """Return everything, for programs. The same scenario and seed give the same."""
    scenario = played.scenario
    span = scenario.span
    agenda = AgendaOut.of(results.agenda, None, span.last.ends)
    return {
        "title": scenario.title,
        "first_week": span.first.name,
        "last_week": span.last.name,
        "seed": scenario.seed,
        "measures": _row(results.whole, None),
        "weeks": [_row(each.row, None) for each in results.weeks],
        "members": [
            {
                "member_id": each.member_id,
                "name": results.names.member(each.member_id),
                "team": each.team_id,
                "entitled": round(each.entitled, 3),
                "assigned": each.assigned,
                "measures": each.row and _row(each.row, results.names.member(each.member_id)),
            }
            for each in results.members
        ],
        "told": [
            {"clock": clock, "level": level, "count": count}
            for (clock, level), count in sorted(results.told.items())
        ],
        "late": [
            {
                "handoff_id": each.round.subject.handoff_id,
                "municipality": municipality_name(each.round.subject.municipality_code),
                "clock": each.run.name,
                "member_id": each.who,
                "due_at": each.run.due_at.isoformat(),
                "stopped_at": each.run.stopped_at and each.run.stopped_at.isoformat(),
                "business_hours": round(each.by.total_seconds() / 3600, 2),
                "why": each.why,
            }
            for each in results.late
        ],
        "agenda": agenda.model_dump(mode="json"),
        "refused": [
            {
                "at": each.at.isoformat(),
                "handoff_id": each.handoff_id,
                "message": type(each.message).__name__,
                "code": each.code,
            }
            for each in played.refused
        ],
    }


def _row(row: Row, name: str | None) -> dict[str, Any]:
    return MeasuresRowOut.of(row, name).model_dump(mode="json")
