"""Texts that were stored before texts were checked can still be drawn."""

from xml.etree import ElementTree as ET

from kakehashi_common.pictures.svg import element, markup


def test_characters_that_xml_has_no_way_to_write_are_written_out() -> None:
    svg = element("text", markup("a\x1b\0\uffff<b>&"), id="\x07")
    assert ET.fromstring(svg).text == r"a\x1b\x00\uffff<b>&"  # noqa: S314 - made here
    assert ET.fromstring(svg).get("id") == r"\x07"  # noqa: S314 - made here
