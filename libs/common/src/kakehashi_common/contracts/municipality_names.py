"""From a municipality's name, as people write it, to the municipality.

Read are ``桐生市``, ``群馬県桐生市``, ``邑楽郡大泉町``, ``桐生市役所``, ``桐生市 情報政策課``,
``札幌市中央区`` (a ward of a designated city counts as its city) and ``群馬県庁``. What may be two
is refused with both, and what is only connected with a municipality (a council of social welfare,
an association) is none.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from kakehashi_common.contracts.municipalities import (
    Municipality,
    known_prefecture,
    municipalities,
    wards,
)

_SAME_SIGNS = str.maketrans(
    "ヶ龍鰺檜竈﨑髙濱澤曾嶋櫻瀧廣國區縣邊彌", "ケ竜鯵桧釜崎高浜沢曽島桜滝広国区県辺弥"
)
"""Signs that people and character sets exchange in names."""
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_DEPARTMENT = re.compile(r"(?:役所|役場|庁|本庁舎?)?(?:.*(?:部|局|課|室|係|(?<!協)議会|委員会))?")
"""Suffixes of a municipality's name that leave its meaning: offices and departments."""

_ANOTHER_PLACE = re.compile(r"(?!市町村|都市).{1,6}[市区町村]")
"""Behind a prefecture's name: a municipality that is misspelt, not a department."""

_SUGGESTED = 5


class MunicipalityNameError(ValueError):
    """A name means no municipality, or several.

    Args:
        message: what is wrong, with the municipalities that may be meant.
        candidates: these.
    """

    def __init__(self, message: str, candidates: tuple[Municipality, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


def municipality_named(name: str, prefecture: str = "") -> Municipality:
    """Return the municipality that ``name`` means.

    Args:
        name: as above; full-width signs, spaces and old forms of kanji do no harm.
        prefecture: with or without 都道府県; needed where two prefectures have the name, and a
            contradiction where it is not the municipality's.

    Raises:
        MunicipalityNameError: it means none, or several.
    """
    within = _prefecture(prefecture) if prefecture.strip() else None
    found = _meant(_plain(name))
    if not found:
        candidates = _alike(_plain(name))
        hint = f"; did you mean {_listed(candidates)}?" if candidates else ""
        raise MunicipalityNameError(f"{name!r} names no municipality{hint}", candidates)
    if within is not None:
        here = tuple(each for each in found if each.prefecture == within)
        if not here:
            raise MunicipalityNameError(f"{name!r} is not in {within}: {_listed(found)}", found)
        found = here
    if len(found) > 1:
        where = "city" if within else "prefecture"
        raise MunicipalityNameError(f"{name!r} may be {_listed(found)}: name the {where}", found)
    return found[0]


def _plain(text: str) -> str:
    narrowed = "".join(unicodedata.normalize("NFKC", text).split())
    return _VARIATION_SELECTORS.sub("", narrowed).translate(_SAME_SIGNS)


@cache
def _by_name() -> dict[str, tuple[Municipality, ...]]:
    """Return every way to write a name in full, without what follows it."""
    named: dict[str, dict[str, Municipality]] = {}
    for each in municipalities().values():
        for name in (each.name, each.full_name):
            named.setdefault(_plain(name), {})[each.code] = each
    for ward in wards().values():
        city = municipalities()[ward.city_code]
        for before in ("", city.prefecture, city.name, city.full_name):
            named.setdefault(_plain(before + ward.name), {})[city.code] = city
    return {name: tuple(found.values()) for name, found in named.items()}


def _prefecture(text: str) -> str:
    try:
        return known_prefecture(_plain(text)).name
    except ValueError:
        raise MunicipalityNameError(f"{text!r} is no prefecture") from None


def _meant(plain: str) -> tuple[Municipality, ...]:
    """Return what ``plain`` may mean, by the longest name that it begins with."""
    for length in range(len(plain), 1, -1):
        for found in _readings(plain[:length]):
            rest = plain[length:]
            if found[0].kind == "prefecture" and _ANOTHER_PLACE.match(rest):
                continue
            if _DEPARTMENT.fullmatch(rest):
                return found
    return ()


def _readings(name: str) -> Iterator[tuple[Municipality, ...]]:
    if name in _by_name():
        yield _by_name()[name]
    # 郡 say where a town is, and belong to no name: 群馬県邑楽郡大泉町. 郡山市 has none before it.
    district = re.fullmatch(r"(.{2,4}[都道府県])?(.{1,5}?)郡(.+[町村])", name)
    if district is not None:
        found = _by_name().get((district[1] or "") + district[3])
        if found is not None:
            yield found


def _alike(plain: str) -> tuple[Municipality, ...]:
    """Return municipalities whose name is in ``plain``, or is ``plain`` but for its last sign."""
    found = (
        each
        for each in municipalities().values()
        if each.kind != "prefecture"
        and (_plain(each.name) in plain or (len(plain) > 1 and _plain(each.name)[:-1] == plain))
    )
    return tuple(found)[:_SUGGESTED]


def _listed(found: tuple[Municipality, ...]) -> str:
    return " or ".join(f"{each.full_name} ({each.code})" for each in found)
