"""Answer with a picture, as SVG or PNG."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final, Literal

from fastapi import Response

from kakehashi_common.pictures.png import png

Format = Literal["svg", "png"]

DRAWN_AT_ONCE: Final = 2
"""A PNG takes up to a second of a processor: others wait, and the rest of the API does not."""

_MEDIA_TYPES: Final[Mapping[Format, str]] = {"svg": "image/svg+xml", "png": "image/png"}


class PictureAnswers:
    """Answers with the pictures of one API."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(DRAWN_AT_ONCE)

    async def answer(
        self, svg: str, drawn_as: Format, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Return a picture of :mod:`kakehashi_common.pictures` in a format."""
        drawn: str | bytes = svg
        if drawn_as == "png":
            async with self._room:
                drawn = await asyncio.to_thread(png, svg)
        return Response(drawn, media_type=_MEDIA_TYPES[drawn_as], headers=headers)


def picture_answer(drawn_as: Format) -> dict[int | str, dict[str, Any]]:
    """Return the description of a route that answers with a picture."""
    binary = {"format": "binary"} if drawn_as == "png" else {}
    return {200: {"content": {_MEDIA_TYPES[drawn_as]: {"schema": {"type": "string", **binary}}}}}
