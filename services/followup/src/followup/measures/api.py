"""``/v1/measures``, also as a picture; ``/v1/experiments``."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Response
from pydantic import TypeAdapter

from followup.domain.measures.report import ContactChannel, Cut, rank
from followup.fields import Reader
from followup.measures.picture import rates_svg
from followup.measures.queries import Measured, MeasureQueries
from followup.measures.schemas import (
    ExperimentOut,
    ExperimentsOut,
    MeasuresOut,
    MeasuresRowOut,
    SatisfactionOut,
    SubjectSatisfactionOut,
)
from followup.playbooks.api import PlaybookId
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.http.cursors import decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit, WeekName
from kakehashi_common.http.pictures import PictureAnswers, picture_answer

A_QUARTER: Final = 13
MOST_WEEKS: Final = 106
"""Two years, to compare one with the one before."""

_KEY: Final = TypeAdapter(tuple[bool, str])


@dataclass(frozen=True, slots=True)
class Asked:
    """The contacts to measure, and the attribute by which the rows differ."""

    week: str | None
    weeks: int
    cut: Cut
    channel: ContactChannel
    playbook_id: str | None


def asked_for(
    week: Annotated[
        WeekName | None, Query(description="The last week; this one when absent")
    ] = None,
    weeks: Annotated[
        int, Query(ge=1, le=MOST_WEEKS, description="How many weeks, the last included")
    ] = A_QUARTER,
    cut: Annotated[Cut, Query(description="By what the rows differ")] = Cut.PLAYBOOK,
    channel: Annotated[
        ContactChannel, Query(description="Mails, or people's tasks")
    ] = ContactChannel.MAIL,
    playbook_id: Annotated[Id | None, Query(description="Only this playbook")] = None,
) -> Asked:
    """Return the parameters that every form of the measures has."""
    return Asked(week, weeks, cut, channel, playbook_id)


def router(queries: MeasureQueries) -> APIRouter:
    """Return the routes of measures."""
    routes = APIRouter(prefix="/v1", dependencies=[Reader], tags=["measures"])
    pictures = PictureAnswers()

    async def measured(asked: Asked) -> Measured:
        last = Week.named(asked.week) if asked.week else queries.this_week
        span = Span.until(last, asked.weeks)
        return await queries.report(span, asked.cut, asked.channel, asked.playbook_id)

    @routes.get("/measures")
    async def get_measures(
        asked: Annotated[Asked, Depends(asked_for)], cursor: Cursor = None, limit: Limit = 100
    ) -> MeasuresOut:
        """Measure the contacts of some weeks: what went, what came of it, what was refused.

        Rates come with their cases and Wilson's interval; below 10 cases they are too few to say.
        What each figure counts is defined in `docs/measures-of-followup.md`.
        """
        found = await measured(asked)
        name = f"measures/{asked.cut}"
        after = decode_cursor(name, cursor, _KEY)
        rows = [each for each in found.rows if after is None or rank(each.key) > after]
        shown, next_cursor = page(name, rows[: limit + 1], limit, lambda row: rank(row.key))
        return MeasuresOut(
            first_week=found.span.first.name,
            last_week=found.span.last.name,
            cut=found.cut,
            channel=found.channel,
            items=[
                MeasuresRowOut.of(row, found.satisfaction_of_rows.get(row.key)) for row in shown
            ],
            satisfaction=[
                SubjectSatisfactionOut(about=about, satisfaction=SatisfactionOut.of(answers))
                for about, answers in found.satisfaction.items()
            ],
            next_cursor=next_cursor,
        )

    @routes.get("/measures.svg", response_class=Response, responses=picture_answer("svg"))
    async def draw_measures_svg(asked: Annotated[Asked, Depends(asked_for)]) -> Response:
        """Draw the rates of answers, meetings and opt-outs with their intervals."""
        return await pictures.answer(rates_svg(await measured(asked)), "svg")

    @routes.get("/measures.png", response_class=Response, responses=picture_answer("png"))
    async def draw_measures_png(asked: Annotated[Asked, Depends(asked_for)]) -> Response:
        """Draw the same picture as PNG."""
        return await pictures.answer(rates_svg(await measured(asked)), "png")

    @routes.get("/experiments")
    async def list_experiments() -> ExperimentsOut:
        """Show the A/B experiments of the playbooks in force, and what they have shown."""
        found = await queries.experiments()
        return ExperimentsOut(items=[ExperimentOut.of(each) for each in found])

    @routes.get("/experiments/{playbook_id}")
    async def get_experiment(playbook_id: PlaybookId) -> ExperimentOut:
        """Show the experiment of one playbook.

        Contacts keep their variant for ever. It is decided by the first mails of each, as many as
        the playbook declares, once the last of them can't be answered in time any more.
        """
        return ExperimentOut.of(await queries.experiment(playbook_id))

    return routes
