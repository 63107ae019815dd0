"""The walk of any checked playbook ends or waits; it never spins."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from followup.domain.playbooks.checks import Limits, check
from followup.domain.playbooks.findings import FindingCode
from followup.domain.playbooks.playbook import ALWAYS_ENDS, Playbook
from followup.domain.playbooks.steps import (
    Behaved,
    BehaviourSeen,
    BranchStep,
    Case,
    DayOfYear,
    Elapsed,
    GoTo,
    MailStep,
    OccurrenceKind,
    PhaseReached,
    PocCheckStep,
    Reacted,
    Silent,
    Step,
    StopWith,
    WaitStep,
)
from followup.domain.playbooks.walk import (
    Finished,
    Move,
    Occurrence,
    Perform,
    Rest,
    begin,
    performed,
    walk,
)
from tests.unit.followup.domain.playbooks.examples import OFFICE, at, playbook

START = at("2026-09-15T10:00")
NAMES = {
    OccurrenceKind.BEHAVIOUR: ("price_interest", "other"),
    OccurrenceKind.PHASE_BEGAN: ("deliberation", "head_assessment"),
}

UNTIL = st.one_of(
    st.builds(Elapsed, business_days=st.integers(1, 9)),
    st.builds(Elapsed, business_hours=st.integers(1, 30)),
    st.builds(PhaseReached, st.just("deliberation"), st.integers(1, 90)),
    st.builds(BehaviourSeen, st.just("price_interest"), st.integers(1, 90)),
    st.builds(DayOfYear, st.integers(1, 12), st.integers(1, 28)),
)


@st.composite
def playbooks(draw: st.DrawFn) -> Playbook:
    ids = [f"s{n}" for n in range(draw(st.integers(1, 7)))]
    then = st.one_of(st.builds(GoTo, st.sampled_from(ids)), st.just(StopWith("理由")))
    on = st.one_of(
        st.builds(Reacted, st.sampled_from([OccurrenceKind.ANSWERED, OccurrenceKind.NEGATIVE])),
        st.just(Behaved("price_interest")),
    )
    silent = st.builds(Case, st.builds(Silent, st.integers(1, 9)), then)

    def step(step_id: str) -> st.SearchStrategy[Step]:
        cases = st.tuples(st.builds(Case, on, then), silent, st.builds(Case, on, then))
        return st.one_of(
            st.just(MailStep(id=step_id, template="mail")),
            st.just(PocCheckStep(id=step_id, title="確認", weeks=8, metrics=("時間",))),
            st.builds(lambda until: WaitStep(id=step_id, until=until), UNTIL),
            st.builds(lambda found: BranchStep(id=step_id, cases=found), cases),
        )

    made = playbook(*(draw(step(each)) for each in ids))
    codes = {finding.code for finding in check(made, Limits())}
    assume(not codes & {FindingCode.LOOP_WITHOUT_WAIT, FindingCode.MAIL_REPEATED})
    return made


@st.composite
def occurrences(draw: st.DrawFn) -> list[Occurrence]:
    found: list[Occurrence] = []
    moment = START
    for _ in range(draw(st.integers(0, 6))):
        moment += timedelta(hours=draw(st.integers(0, 300)))
        kind = draw(st.sampled_from(OccurrenceKind))
        found.append(Occurrence(kind, moment, draw(st.sampled_from(NAMES.get(kind, ("",))))))
    return found


def moves(
    made: Playbook, heard: Sequence[Occurrence], late: timedelta
) -> list[tuple[datetime, Move]]:
    """A life of at most 60 moves; the walk is asked ``late`` after each instant it named."""
    position, now = begin(made, START), START
    life: list[tuple[datetime, Move]] = []
    while len(life) < 60:
        known = [each for each in heard if each.at <= now]
        move = walk(made, position, known, now, OFFICE)
        life.append((now, move))
        if isinstance(move, Finished):
            break
        if isinstance(move, Perform):
            position = performed(made, move.position, now)
            continue
        position = move.position
        coming = [each.at for each in heard if each.at > now]
        now = min([move.until + late, *coming])
    return life


@settings(deadline=None, max_examples=40)
@given(playbooks(), occurrences(), st.sampled_from([timedelta(), timedelta(days=40)]))
def test_a_checked_playbook_ends_or_waits(
    made: Playbook, heard: list[Occurrence], late: timedelta
) -> None:
    life = moves(made, heard, late)
    assert all(move.until > now for now, move in life if isinstance(move, Rest))
    instants = {now for now, _ in life}
    for instant in instants:
        carried_out = [
            move.step.id for now, move in life if now == instant and isinstance(move, Perform)
        ]
        assert len(carried_out) <= 2 * len(made.steps), "steps come without a pause"
    assert isinstance(life[-1][1], Finished) or len(instants) > 1


@settings(deadline=None, max_examples=40)
@given(playbooks(), occurrences(), st.sampled_from(sorted(ALWAYS_ENDS)))
def test_nothing_is_carried_out_after_a_stop_is_known(
    made: Playbook, heard: list[Occurrence], kind: OccurrenceKind
) -> None:
    stopped_at = START + timedelta(days=3)
    stop = Occurrence(kind, stopped_at)
    life = moves(made, sorted([*heard, stop], key=lambda each: each.at), timedelta())
    assert not [move for now, move in life if now >= stopped_at and isinstance(move, Perform)]
    assert isinstance(walk(made, begin(made, START), [stop], stopped_at, OFFICE), Finished)
