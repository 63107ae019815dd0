import pytest

from budget_calendar.pursuits.schemas import GoalIn
from followup.domain.hearing_goals import LONGEST_DESCRIPTION, proposed_description
from followup.domain.task_records import Hearing, Problem


def hearing(*problems: tuple[int, str]) -> Hearing:
    return Hearing("", "", "", tuple(Problem(text, priority) for priority, text in problems))


@pytest.mark.parametrize(
    ("problems", "text", "left_out"),
    [
        ([], "", 0),
        ([(1, "転記の誤り")], "優先1：転記の誤り", 0),
        (
            [(2, "月末の\n残業"), (1, "転記の誤り"), (2, "待ち時間")],
            "優先1：転記の誤り／優先2：月末の 残業／優先2：待ち時間",
            0,
        ),
        ([(1, "あ" * 400), (2, "い" * 200)], "優先1：" + "あ" * 400, 1),
        ([(1, "あ" * 500)], "優先1：" + "あ" * 495 + "…", 1),
    ],
)
def test_problems_become_a_description_that_fits(
    problems: list[tuple[int, str]], text: str, left_out: int
) -> None:
    found = proposed_description(hearing(*problems))
    assert (found.text, found.left_out) == (text, left_out)
    assert len(found.text) <= LONGEST_DESCRIPTION


def test_budget_calendar_takes_the_description_as_it_is() -> None:
    said = proposed_description(hearing((1, "あ" * 500), (3, "待ち\n時間"))).text
    rest = {"policy_area": "digital", "amount": 1, "wanted_start": "2099-04-01"}
    goal = GoalIn.model_validate({**rest, "category": "services", "description": said}).goal()
    assert goal.description == said
