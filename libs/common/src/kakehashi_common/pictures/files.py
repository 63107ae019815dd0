"""Pictures that commands write to files."""

from pathlib import Path
from typing import Final

import typer

from kakehashi_common.pictures.png import png

FORMATS: Final = (".svg", ".png")


def check_picture(file: Path | None) -> None:
    """Refuse a file, given as ``--picture``, of another format.

    Raises:
        typer.BadParameter: it is named otherwise.
    """
    if file and file.suffix not in FORMATS:
        raise typer.BadParameter(f"{file}: name it .svg or .png", param_hint="--picture")


def write_picture(file: Path, svg: str) -> None:
    """Write a picture in the format that the file's name says."""
    if file.suffix == ".svg":
        file.write_text(svg, encoding="utf-8")
    else:
        file.write_bytes(png(svg))
