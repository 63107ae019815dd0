"""Own answers for the catalogue: what was approved, and names nobody."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from kakehashi_common.domain.errors import DomainError

_SPACES: Final = re.compile(r"\s+")
_ADDRESS: Final = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", re.IGNORECASE)
_TELEPHONE: Final = re.compile(r"(?<!\d)0\d{1,4}[-‐－ー()（）]\d{1,4}[-‐－ー()（）]\d{3,4}(?!\d)")
_TITLES: Final = (
    "様|さま|さん|氏|君|くん|先生|議員|委員|議長|主事|主任|主査|係長|課長|室長|部長|局長|次長|参事|主幹"
    "|補佐|担当|副?(?:市|町|村|区)長|副?知事"
)
_SHORTEST: Final = 2
"""Characters of a name: one of one character would be found in every text."""


def names_of(person_name: str) -> Iterator[str]:
    """Yield the patterns by which a text names a person: in whole, or by family name and title."""
    parts = person_name.split()
    whole = "".join(parts)
    if len(whole) >= _SHORTEST:
        yield re.escape(whole)
    if len(parts) > 1:
        yield f"{re.escape(parts[0])}(?:{_TITLES})"


def check_impersonal(text: str, field: str, person_names: Iterable[str]) -> None:
    """Refuse a text that names a person who is known, or holds an address or telephone number.

    Whoever nobody knows by name isn't recognised: that a person approves remains the safeguard.

    Args:
        text: of the answer.
        field: what it is called in the request.
        person_names: of those who may be meant.

    Raises:
        DomainError: it does (``names_a_person``); the message doesn't repeat it.
    """
    joined = _SPACES.sub("", text)
    patterns = {pattern for name in person_names for pattern in names_of(name)}
    found = None
    if any(re.search(pattern, joined) for pattern in patterns):
        found = "the name of a person"
    elif _ADDRESS.search(text):
        found = "an address"
    elif _TELEPHONE.search(text):
        found = "a telephone number"
    if found is not None:
        raise DomainError(
            f"{field} holds {found}: the catalogue is for everybody's texts, so give a text "
            "without it",
            field=field,
            code="names_a_person",
        )
