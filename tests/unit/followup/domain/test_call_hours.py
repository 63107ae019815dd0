import pytest

from followup.domain.playbooks.steps import Channel
from followup.domain.send_times.answer_rates import Tally
from followup.domain.send_times.call_hours import CallSlot, call_hours

TUESDAY, THURSDAY = 1, 3


def calls(weekday: int, hour: int, number: int, reached: int, role: str = "officer") -> Tally:
    return Tally(Channel.CALL, role, "", weekday, hour, number, reached)


EVEN = [calls(day, hour, 10, 3) for day in range(5) for hour in (9, 10, 14, 16)]


@pytest.mark.parametrize(
    ("tallies", "slots"),
    [
        pytest.param([], [], id="no calls"),
        pytest.param([calls(TUESDAY, 10, 99, 90)], [], id="too few"),
        pytest.param(EVEN, [], id="no hour is better"),
        pytest.param(
            [*EVEN, calls(TUESDAY, 10, 60, 50)], [CallSlot(TUESDAY, 10)], id="one hour is better"
        ),
        pytest.param(
            [*EVEN, *(calls(day, 10, 30 + day, 27) for day in range(5))],
            [CallSlot(0, 10), CallSlot(1, 10), CallSlot(2, 10)],
            id="the best first, three of them",
        ),
        pytest.param(
            [*EVEN, calls(TUESDAY, 11, 19, 19)], None, id="an hour with few calls is not named"
        ),
        pytest.param(
            [*EVEN, *(calls(TUESDAY, 10, 500, 490, "manager") for _ in range(2))],
            [],
            id="another role's calls say nothing",
        ),
    ],
)
def test_the_hours_at_which_a_role_is_reached_are_named(
    tallies: list[Tally], slots: list[CallSlot] | None
) -> None:
    found = call_hours(tallies, "officer").slots
    if slots is None:
        assert all(each.hour != 11 for each in found)
    else:
        assert list(found) == slots


def test_why_names_the_cases_and_the_rates() -> None:
    found = call_hours([*EVEN, calls(THURSDAY, 14, 80, 72)], "officer")
    assert found.text.ja.startswith("木曜日14時台がおすすめです。")
    assert "14時台は130件中87件（補正後64.3%）" in found.text.ja
    assert "全体では280件中132件（補正後47.1%）がつながりました。" in found.text.ja
    assert found.text.en.startswith("Best on Thursdays from 14:00. ")


@pytest.mark.parametrize(
    ("tallies", "said"),
    [
        ([calls(TUESDAY, 10, 40, 20)], "この役割の方への電話はまだ40件で、100件に満たないため、"),
        (EVEN, "この役割の方への電話200件では、つながりやすさが2割以上よい時間帯はありません。"),
    ],
)
def test_why_no_hour_is_named_is_said(tallies: list[Tally], said: str) -> None:
    assert call_hours(tallies, "officer").text.ja.startswith(said)
