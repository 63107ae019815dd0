import struct

import pytest

from kakehashi_common.pictures.png import png
from kakehashi_common.pictures.scene import Run, Scene


def picture(text: str, size: tuple[float, float] = (200, 60), *, bold: bool = False) -> str:
    scene = Scene("x")
    scene.text(10, 30, Run(text, 24, bold=bold))
    return scene.svg(size, "t", "d", "ja")


def size_of(image: bytes) -> tuple[int, int]:
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    wide, high = struct.unpack(">II", image[16:24])
    return wide, high


def test_it_is_as_large_as_asked_for() -> None:
    assert size_of(png(picture("桐"), zoom=2)) == (400, 120)


def test_a_large_picture_gets_fewer_pixels_but_one_for_each_of_its_own() -> None:
    wide, high = size_of(png(picture("桐", (2000, 1000)), zoom=4))
    assert 2_000 < wide < 3_000
    assert wide * high == pytest.approx(3_500_000, rel=0.01)
    assert size_of(png(picture("桐", (2400, 2000)))) == (2400, 2000)


def test_japanese_is_drawn_without_fonts_of_the_system() -> None:
    missing = png(picture("\U000f0000"))
    drawn = {png(picture(text)) for text in ("桐", "生", "予", "ー", "☃")}
    assert len(drawn | {missing}) == 6


def test_bold_is_bolder() -> None:
    assert png(picture("予算", bold=True)) != png(picture("予算"))


def test_the_same_picture_gives_the_same_image() -> None:
    assert png(picture("予算")) == png(picture("予算"))


@pytest.mark.parametrize("svg", ["", "<svg/>", "no picture"])
def test_what_is_no_picture_is_refused(svg: str) -> None:
    with pytest.raises(ValueError, match="width"):
        png(svg)
