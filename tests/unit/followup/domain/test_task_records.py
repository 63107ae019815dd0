from datetime import date
from decimal import Decimal

import pytest

from followup.domain.playbooks.audience import Role
from followup.domain.task_records import (
    Attendance,
    Hearing,
    MeasuredValue,
    Problem,
    StudySession,
    TaskRecord,
    WeeklyCheck,
    check_record,
)
from kakehashi_common.domain.errors import DomainError

METRICS = ("作業時間", "待ち時間")
SESSION = StudySession(date(2026, 12, 1), "窓口の記録", (Attendance(Role.MANAGER, 2),), "")
HEARING = Hearing("紙の台帳", "二重入力", "一度の入力", (Problem("転記の誤り", 1),))


def checked(*metrics: str) -> WeeklyCheck:
    return WeeklyCheck(tuple(MeasuredValue(each, Decimal(1)) for each in metrics))


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (checked(), "poc_check"),
        (checked("待ち時間", "作業時間"), "poc_check"),
        (SESSION, "study_session"),
        (HEARING, "hearing_form"),
    ],
)
def test_a_record_of_the_tasks_own_kind_is_kept(record: TaskRecord, kind: str) -> None:
    check_record(record, kind, METRICS)


@pytest.mark.parametrize(
    ("record", "kind", "code"),
    [
        (SESSION, "call_task", "record_of_another_task"),
        (HEARING, "study_session", "record_of_another_task"),
        (checked("経費"), "poc_check", "unknown_metric"),
        (checked("作業時間", "作業時間"), "poc_check", "metric_twice"),
    ],
)
def test_a_record_that_does_not_belong_to_the_task_is_refused(
    record: TaskRecord, kind: str, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        check_record(record, kind, METRICS)
    assert refused.value.code == code
