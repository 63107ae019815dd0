"""A file of answers to surveys: CSV in UTF-8 or CP932, English or Japanese column names."""

from typing import Final

from followup.satisfaction.schemas import LONGEST_COMMENT, SurveyAnswerIn
from followup.triggers.schemas import ReportId
from kakehashi_common.csv_file import Column, FileKind, a_number, typed
from kakehashi_common.domain.japanese_dates import parse_japanese_date
from kakehashi_common.domain.satisfaction import SurveySubject

_SUBJECTS: Final = {
    "連絡": SurveySubject.FOLLOW_UP.value,
    "面談": SurveySubject.MEETING.value,
    "実証実験": SurveySubject.PROOF_OF_CONCEPT.value,
    "契約": SurveySubject.CONTRACT.value,
}

SURVEY_ANSWERS: Final = FileKind(
    "survey_answers",
    "survey answer",
    SurveyAnswerIn,
    {
        "report_id": Column(
            "番号",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ : -, such as survey-2027-12",
            typed(ReportId),
            required=True,
        ),
        "about": Column(
            "対象",
            f"write one of {', '.join(_SUBJECTS)}",
            lambda cell: _SUBJECTS.get(cell, cell),
            required=True,
        ),
        "score": Column("満足度", "write 1 to 5, the best", a_number, required=True),
        "municipality_code": Column(
            "団体コード", "write six digits such as 102032", empty_stays=True
        ),
        "lead_id": Column("見込み客", "write the lead's id, such as crm-48213", empty_stays=True),
        "playbook_id": Column(
            "プレイブック", "write its id, such as contract-renewal", empty_stays=True
        ),
        "sequence_id": Column("シーケンス", "write the sequence's id", empty_stays=True),
        "answered_on": Column(
            "回答日",
            "write a day such as 2027-01-31 or 令和9年1月31日",
            parse_japanese_date,
            empty_stays=True,
        ),
        "comment": Column(
            "コメント",
            f"write at most {LONGEST_COMMENT} characters",
            empty_stays=True,
            personal=True,
        ),
        "owner": Column("担当", "write a team or staff number, such as s-1042", empty_stays=True),
    },
)
