"""Days from left to right."""

from dataclasses import dataclass
from datetime import date, timedelta

from budget_calendar.domain.budget_year.wording import Language, month_name, weekday_day
from kakehashi_common.pictures.palette import GRID, MUTED, PAPER, RULE, TODAY
from kakehashi_common.pictures.scene import Run, Scene

_ONE_DAY = timedelta(days=1)
_JANUARY = 1


@dataclass(frozen=True, slots=True)
class DayAxis:
    """The places of days between two edges of a picture.

    Args:
        first: the first day shown.
        last: the last day shown.
        left: where the first day begins, in pixels.
        right: where the last day ends.
    """

    first: date
    last: date
    left: float
    right: float

    def begins(self, day: date) -> float:
        """Where the day begins; at an edge for days that are not shown."""
        days = (self.last - self.first).days + 1
        at = self.left + (day - self.first).days * (self.right - self.left) / days
        return min(max(at, self.left), self.right)

    def ends(self, day: date) -> float:
        """Where the day ends; at an edge for days that are not shown."""
        return self.begins(day + _ONE_DAY)

    def middle(self, day: date) -> float:
        """The middle of the day."""
        return (self.begins(day) + self.ends(day)) / 2

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def months(self) -> list[date]:
        """The first day of each month that begins on the axis."""
        found, day = [], self.first.replace(day=1)
        while day <= self.last:
            if day >= self.first:
                found.append(day)
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        return found


def draw_months(scene: Scene, axis: DayAxis, top: float, language: Language) -> None:
    """Month names over ``top`` to ``top + 24``; April and January carry the calendar year."""
    for month in axis.months():
        year = month.month == _JANUARY or month == axis.first
        runs = [Run(month_name(month, language), 12.5, MUTED, bold=True)]
        if year:
            runs.append(Run(f"  {month.year}{'年' if language == 'ja' else ''}", 11, MUTED))
        scene.text(axis.begins(month) + 5, top + 13, *runs, halo=True)


def draw_grid(scene: Scene, axis: DayAxis, top: float, bottom: float) -> None:
    """A vertical line at each month's first day, stronger where the calendar year changes."""
    for month in axis.months():
        x = axis.begins(month)
        new_year = month.month == _JANUARY
        scene.line(x, top, x, bottom, stroke=RULE if new_year else GRID, stroke_width=1)
    scene.line(axis.right, top, axis.right, bottom, stroke=GRID, stroke_width=1)


def draw_today(
    scene: Scene, axis: DayAxis, today: date, edges: tuple[float, float], language: Language
) -> None:
    """Today's line between two heights, its flag on top; nothing if today is not on the axis."""
    written = weekday_day(today, language)
    draw_day(scene, axis, today, edges, f"{'今日' if language == 'ja' else 'Today'} {written}")


def draw_day(
    scene: Scene, axis: DayAxis, day: date, edges: tuple[float, float], written: str
) -> None:
    """A day's line between two heights, its flag on top; nothing if it is not on the axis."""
    if day not in axis:
        return
    top, bottom = edges
    x = axis.middle(day)
    run = Run(written, 11, PAPER, bold=True)
    half = run.width / 2 + 7
    middle = min(max(x, axis.left + half), axis.right - half)
    scene.line(x, top, x, bottom, stroke=TODAY, stroke_width=1.6)
    scene.rect(middle - half, top - 18, middle + half, top, fill=TODAY, rx=3)
    scene.text(middle, top - 9, run, anchor="middle")
