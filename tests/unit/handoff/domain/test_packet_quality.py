"""The quality of packets: entry rates, and what the receiving side found, by field and source."""

from handoff.domain.packet.packet import Verdict
from handoff.domain.packet.quality import Entered, JudgedText, Verdicts, entered, quality

SCORING = "//kakehashi/lead-scoring"


def judged(field: str, source: str, verdict: Verdict, *, person: bool = True) -> JudgedText:
    return JudgedText(field, source, person, verdict)


def test_verdicts_are_counted_by_field_source_and_person() -> None:
    found = quality(
        [
            judged("need", "is-1", Verdict.CONFIRMED),
            judged("need", "is-2", Verdict.WRONG),
            judged("people", "is-1", Verdict.UNKNOWN),
            judged("score", SCORING, Verdict.CONFIRMED, person=False),
        ]
    )
    assert found.total == Verdicts(confirmed=2, wrong=1, unknown=1)
    assert found.fields == {
        "need": Verdicts(1, 1, 0),
        "people": Verdicts(0, 0, 1),
        "score": Verdicts(1, 0, 0),
    }
    assert found.sources == {SCORING: Verdicts(1, 0, 0)}
    assert found.people == {"is-1": Verdicts(1, 0, 1), "is-2": Verdicts(0, 1, 0)}


def test_few_verdicts_state_no_rate() -> None:
    few = Verdicts(confirmed=8, wrong=1, unknown=0)
    assert few.share(Verdict.CONFIRMED).rate is None
    enough = Verdicts(confirmed=8, wrong=1, unknown=1)
    assert enough.share(Verdict.CONFIRMED).rate == 0.8


def test_of_each_field_it_is_counted_how_often_it_was_required_and_filled() -> None:
    packets = [(("need", "people"), ("people",)), (("need",), ()), (("need",), ("need",))]
    assert entered(packets) == {"need": Entered(3, 2), "people": Entered(1, 0)}
