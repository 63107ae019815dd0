"""Templates of a playbook: one text per role, size band and formality."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from followup.domain.contents.content import ContentKind
from followup.domain.playbooks.audience import Role, SizeBand


class TemplateKind(StrEnum):
    """The kind of text that a template makes."""

    MAIL = "mail"
    """Has a subject and a signature; sending puts the footer that the law asks for below."""
    LETTER = "letter"
    """A letter or a paper that a person prints or hands over."""
    GUIDE = "guide"
    """For the seller: the script of a call, the guide of a hearing."""


class Formality(StrEnum):
    """The formality of a text."""

    STANDARD = "standard"
    """ですます with the usual politeness of business."""
    FORMAL = "formal"
    """With 謹啓 and 敬白, as one writes to a head of government or a first-time dignitary."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of a text."""

    role: Role | None
    """``None``: not known; then a text that names no roles is used."""
    size_band: SizeBand | None = None
    formality: Formality = Formality.STANDARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One text, with its readers; an empty set and ``None``: any."""

    body: str
    subject: str = ""
    roles: frozenset[Role] = frozenset()
    size_bands: frozenset[SizeBand] = frozenset()
    formality: Formality | None = None

    def suits(self, role: Role | None, size_band: SizeBand | None) -> bool:
        """Whether the text may go to such a reader."""
        return (not self.roles or role in self.roles) and (
            not self.size_bands or size_band in self.size_bands
        )


@dataclass(frozen=True, slots=True)
class FillIn:
    """A passage that a person writes before the text goes out."""

    name: str
    label: str
    """A description of the passage, for the person."""


@dataclass(frozen=True, slots=True)
class ContentWanted:
    """The content that a text needs from the catalogue."""

    kinds: frozenset[ContentKind]
    about: str = ""
    """In words what it should be about, beside the occasion's own."""
    offered: bool = False
    """Whether it is only offered to the person who works on the text, instead of quoted in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text in its variants; the first that suits is taken."""

    name: str
    kind: TemplateKind
    variants: tuple[Variant, ...]
    fill_ins: tuple[FillIn, ...] = ()
    answer: str | None = None
    """The fill-in that answers a question, and that the catalogue may keep once it is approved."""
    content: ContentWanted | None = None

    def variant(self, reader: Reader) -> Variant | None:
        """The text for a reader; where none has that formality, the one of another."""
        suitable = [each for each in self.variants if each.suits(reader.role, reader.size_band)]
        for variant in suitable:
            if variant.formality in {None, reader.formality}:
                return variant
        return suitable[0] if suitable else None

    def readers_without_variant(
        self, roles: Iterable[Role | None], size_bands: Iterable[SizeBand]
    ) -> tuple[str, ...]:
        """The readers that no text suits, such as ``finance`` or ``officer (over_300k)``.

        One of an unknown role needs a text that names no roles.

        A municipality's size may be unknown: some text must suit then too.
        """
        bands: tuple[SizeBand | None, ...] = tuple(size_bands) or (None, *SizeBand)
        missing: list[str] = []
        for role in roles:
            without = [b for b in bands if self.variant(Reader(role, b)) is None]
            reader = "role unknown" if role is None else role.value
            if len(without) == len(bands):
                missing.append(reader)
            else:
                missing += [f"{reader} ({band or 'size unknown'})" for band in without]
        return tuple(missing)


@dataclass(frozen=True, slots=True)
class FactSlot:
    """A figure that the texts of a playbook state; its value comes from a fact sheet."""

    name: str
    label: str
    unit: str
