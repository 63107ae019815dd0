"""Assign overlapping items to lanes so that none touches another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where something reaches, in pixels."""

    left: float
    right: float


def lanes(extents: Sequence[Extent], gap: float, depths: Sequence[int] | None = None) -> list[int]:
    """For each extent its lane, from 0: in one lane all are at least ``gap`` apart.

    From left to right each goes into the first lane with room, which needs no more lanes than there
    are extents over any one point. One of a depth takes so many lanes, the first one is given.
    """
    ends: list[float] = []
    chosen = [0] * len(extents)
    for place in sorted(range(len(extents)), key=lambda n: (extents[n].left, n)):
        extent = extents[place]
        depth = depths[place] if depths else 1
        lane = next(
            lane
            for lane in count()
            if all(end + gap <= extent.left for end in ends[lane : lane + depth])
        )
        ends.extend([extent.right] * (lane + depth - len(ends)))
        ends[lane : lane + depth] = [extent.right] * depth
        chosen[place] = lane
    return chosen
