"""An answer to a short survey, and the reason that a dissatisfied one is to turn to somebody."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from followup.domain.triggers.reasons import MOST_IMPORTANT, Reason, usual_window
from kakehashi_common.domain.japanese_writing import day as in_words
from kakehashi_common.domain.reasons import ReasonKind
from kakehashi_common.domain.satisfaction import HIGHEST_SCORE, SurveySubject
from kakehashi_common.domain.texts import Text

DISSATISFIED: Final = 2
"""The highest score of who is dissatisfied: the lower two of five, by common practice."""

SUBJECTS: Final = {
    SurveySubject.FOLLOW_UP: Text("ご連絡", "our follow-ups"),
    SurveySubject.MEETING: Text("面談", "a meeting"),
    SurveySubject.PROOF_OF_CONCEPT: Text("実証実験", "the proof of concept"),
    SurveySubject.CONTRACT: Text("ご利用中のサービス", "the service in use"),
}


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """A customer's answer to a survey."""

    about: SurveySubject
    score: int
    """From 1 to 5."""
    municipality_code: str | None = None
    lead_id: str | None = None
    """``None``: nobody knows who answered."""
    playbook_id: str | None = None
    sequence_id: str | None = None
    comment: str | None = None
    owner: str | None = None
    """A seller."""


def reason_to_ask(answer: SurveyAnswer, day: date) -> Reason | None:
    """Return the reason to ask a dissatisfied customer what is wrong; it repeats no comment.

    Args:
        answer: to the survey.
        day: in Japan, on which it was given.
    """
    if answer.score > DISSATISFIED:
        return None
    first, last = usual_window(ReasonKind.DISSATISFACTION, day)
    what, score = SUBJECTS[answer.about], f"{answer.score}/{HIGHEST_SCORE}"
    return Reason(
        ReasonKind.DISSATISFACTION,
        Text(
            ja=f"{in_words(day)}の満足度アンケートで、{what.ja}への評価が{score}でした。"
            "早めに電話で事情を伺いましょう。",
            en=f"In the survey of {day} {what.en} got {score}: call soon, and ask why.",
        ),
        first,
        last,
        municipality_code=answer.municipality_code,
        lead_id=answer.lead_id,
        owner=answer.owner,
        importance=MOST_IMPORTANT,
    )
