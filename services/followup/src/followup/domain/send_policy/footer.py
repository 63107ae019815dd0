"""The parts that every advertising mail must show (特定電子メール法4条, 施行規則7条–9条)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FooterPart(StrEnum):
    """One of the required parts."""

    SENDER = "sender"
    """The name of the person or company responsible for the mail."""
    POSTAL_ADDRESS = "postal_address"
    OPT_OUT = "opt_out"
    """An address or URL where mail can be refused."""
    COMPLAINTS = "complaints"
    """A telephone number, address or URL where questions and complaints are taken."""


@dataclass(frozen=True, slots=True)
class Footer:
    """The footer of one mail: the opt-out may be a link of its own."""

    sender: str
    postal_address: str
    opt_out: str
    complaints: str

    def missing_from(self, *texts: str) -> tuple[FooterPart, ...]:
        """Return the parts that one of the rendered ``texts`` lacks; without texts, the blank ones.

        Line breaks and spaces don't matter.
        """
        parts = ((part, _compact(getattr(self, part))) for part in FooterPart)
        shown = tuple(_compact(text) for text in texts)
        return tuple(part for part, value in parts if not value or not _in_all(value, shown))


def _in_all(value: str, texts: Iterable[str]) -> bool:
    return all(value in text for text in texts)


def _compact(text: str) -> str:
    return "".join(text.split())
