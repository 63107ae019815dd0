"""Which lane each of many overlapping things goes into, so that none touches another."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where something reaches, in pixels."""

    left: float
    right: float


def lanes(extents: Sequence[Extent], gap: float) -> list[int]:
    """For each extent its lane, from 0: in one lane all are at least ``gap`` apart.

    From left to right each goes into the first lane with room, which needs no more lanes than there
    are extents over any one point.
    """
    ends: list[float] = []
    chosen = [0] * len(extents)
    for place in sorted(range(len(extents)), key=lambda n: (extents[n].left, n)):
        extent = extents[place]
        for lane in count():
            if lane == len(ends):
                ends.append(extent.right)
            elif ends[lane] + gap <= extent.left:
                ends[lane] = extent.right
            else:
                continue
            chosen[place] = lane
            break
    return chosen
