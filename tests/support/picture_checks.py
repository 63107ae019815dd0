"""Checks that every picture must pass."""

import xml.etree.ElementTree as ET
from itertools import combinations

from kakehashi_common.pictures.scene import Label, Scene

SVG = "{http://www.w3.org/2000/svg}"


def overlapping(scene: Scene) -> list[tuple[str, str]]:
    """Return the pairs of texts whose boxes overlap."""
    return [(a.text, b.text) for a, b in combinations(scene.labels, 2) if a.overlaps(b)]


def outside(scene: Scene, svg: str) -> list[Label]:
    """Return the texts that are not wholly within the picture."""
    root = ET.fromstring(svg)  # noqa: S314 -- written by ourselves
    wide, high = float(root.attrib["width"]), float(root.attrib["height"])
    return [
        label
        for label in scene.labels
        if label.left < 0 or label.top < 0 or label.right > wide or label.bottom > high
    ]


def texts(svg: str) -> list[str]:
    """Return every line of text of a picture."""
    root = ET.fromstring(svg)  # noqa: S314 -- written by ourselves
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def tooltips(svg: str) -> list[str]:
    """Return every tooltip of a picture."""
    root = ET.fromstring(svg)  # noqa: S314 -- written by ourselves
    return [
        title.text or "" for group in root.iter(f"{SVG}g") for title in group.iter(f"{SVG}title")
    ]
