"""Texts for people, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Japanese and in English."""

    ja: str
    en: str
