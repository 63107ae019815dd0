"""Queries for measures, computed from the recorded facts when they are requested."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from followup.domain.measures.experiments import Counted, Judged, judge
from followup.domain.measures.precision import Precision
from followup.domain.measures.report import ContactChannel, Cut, Row
from followup.domain.measures.satisfaction import Satisfaction, together
from followup.domain.playbooks.experiment import Experiment, Variant
from followup.domain.playbooks.playbook import Playbook
from followup.measures import repository
from followup.playbooks.service import Playbooks
from followup.satisfaction import repository as satisfaction
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection
from kakehashi_common.domain.satisfaction import SurveySubject
from kakehashi_common.domain.weeks import Span, Week
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Measured:
    """A report, and the present names of its playbooks."""

    span: Span
    cut: Cut
    channel: ContactChannel
    rows: Sequence[Row]
    names: Mapping[str, str]
    """Of the playbooks in force, by id."""
    satisfaction: Mapping[SurveySubject, Satisfaction]
    """Of those who answered a survey in these weeks, by what it was about."""
    satisfaction_of_rows: Mapping[str | None, Satisfaction]
    """The same by the key of the row, where rows are playbooks or all."""


@dataclass(frozen=True, slots=True)
class MeasuredExperiment:
    """An experiment of a playbook in force, and its state."""

    playbook: Playbook
    experiment: Experiment
    steps: tuple[str, ...]
    """The steps that have two templates, of mails or tasks."""
    variants: Mapping[Variant, Counted]
    judged: Judged


class MeasureQueries:
    """Measures contacts and experiments.

    Args:
        database: where facts are recorded.
        playbooks: in force.
        clock: gives the present time.
    """

    def __init__(self, database: Database, playbooks: Playbooks, clock: Clock) -> None:
        self._database = database
        self._playbooks = playbooks
        self._clock = clock

    @property
    def this_week(self) -> Week:
        """The present week in Japan."""
        return Week.of(self._clock.now())

    async def report(
        self, span: Span, cut: Cut, channel: ContactChannel, playbook_id: str | None
    ) -> Measured:
        """Return the outcomes of the contacts of some weeks.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            rows = await repository.rows(
                connection,
                begins=span.first.begins,
                ends=span.last.ends,
                playbook_id=playbook_id,
                channel=channel,
                cut=cut,
                now=self._clock.now(),
            )
            answered = await satisfaction.counted(
                connection, span.first.begins, span.last.ends, playbook_id
            )
        names = {each.id: each.name for each in await self._playbooks.in_force()}
        by_subject = together((about, found) for (about, _), found in answered.items())
        of_rows: Mapping[str | None, Satisfaction] = {}
        if cut is Cut.PLAYBOOK:
            of_rows = together((playbook, found) for (_, playbook), found in answered.items())
        elif cut is Cut.ALL:
            of_rows = together((None, found) for found in answered.values())
        return Measured(span, cut, channel, rows, names, by_subject, of_rows)

    async def experiments(self) -> list[MeasuredExperiment]:
        """Return the experiments of the playbooks in force, by playbook.

        Raises:
            TransientError: the database is unavailable.
        """
        playbooks = await self._playbooks.in_force()
        async with self._database.raw_transaction() as connection:
            return [
                await self._measured(connection, each, each.experiment)
                for each in playbooks
                if each.experiment is not None
            ]

    async def experiment(self, playbook_id: str) -> MeasuredExperiment:
        """Return the experiment of one playbook.

        Raises:
            NotFoundError: no version of the playbook is in force, or it has no experiment.
            TransientError: the database is unavailable.
        """
        for playbook in await self._playbooks.in_force():
            if playbook.id == playbook_id and playbook.experiment is not None:
                async with self._database.raw_transaction() as connection:
                    return await self._measured(connection, playbook, playbook.experiment)
        raise NotFoundError(
            f"no version of playbook {playbook_id} in force has an experiment",
            field="playbook_id",
        )

    async def precisions(self) -> Mapping[str, Precision]:
        """Return the precision of each behaviour that was ever seen, by its name.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            return await repository.precisions(connection, self._clock.now())

    async def _measured(
        self, connection: RawConnection, playbook: Playbook, experiment: Experiment
    ) -> MeasuredExperiment:
        steps = tuple(step.id for step in playbook.compared_steps)
        now = self._clock.now()
        found = await repository.variants(
            connection, playbook.id, playbook.version, experiment, steps, now
        )
        judged = judge(experiment, found[Variant.A], found[Variant.B], now)
        return MeasuredExperiment(playbook, experiment, steps, found, judged)
