"""Texts for people, in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Japanese and in English."""

    ja: str
    en: str

    def then(self, more: "Text") -> "Text":
        """Return this sentence and a further one as one text."""
        return Text(self.ja + more.ja, f"{self.en} {more.en}")
