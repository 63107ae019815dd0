"""The checkpoint of an import: the part of a file that the broker has acknowledged."""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lead_scoring.importer.totals import Totals

_CHUNK_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Done:
    """The progress of earlier runs of an import."""

    totals: Totals
    report_bytes: int = 0
    """Length of the report then."""
    checked: int = 0
    """Rows of which it is known whether the service counted their events."""


class _Saved(BaseModel):
    """A checkpoint file's content."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    head_bytes: int
    head: str
    """Digest of the file's first ``head_bytes``, all that it had when the import began: a file that
    grew is still the same, one that changed anywhere is another."""
    mapping: str
    target: str
    rows: int
    events: int
    unmatched: int
    rejected: int
    conflicts: int = 0
    report_bytes: int
    checked: int = 0


@dataclass(slots=True)
class Checkpoint:
    """A small file that remembers how much of an import the broker has acknowledged."""

    path: Path
    imported: Path
    mapping_text: str
    """With whatever else changes what a row means."""
    target: str
    """The broker and topic of the events; a checkpoint of another target does not count."""
    _began_with: tuple[int, str] | None = field(default=None, init=False, repr=False)

    def load(self) -> Done | None:
        """Return what was done; ``None`` if there is nothing to go on from.

        A checkpoint of another file, mapping or target is as good as none.
        """
        try:
            saved = _Saved.model_validate_json(self.path.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None
        if (
            saved.mapping != _digest(self.mapping_text.encode())
            or saved.target != self.target
            or saved.head != _digest_of(self.imported, saved.head_bytes)
        ):
            return None
        totals = Totals(saved.rows, saved.events, saved.unmatched, saved.rejected, saved.conflicts)
        return Done(totals, saved.report_bytes, saved.checked)

    def save(self, done: Done) -> None:
        """Replace the file in one step, so that a kill leaves the old or the new one."""
        if self._began_with is None:
            size = self.imported.stat().st_size
            self._began_with = (size, _digest_of(self.imported, size))
        saved = _Saved(
            file=self.imported.name,
            head_bytes=self._began_with[0],
            head=self._began_with[1],
            mapping=_digest(self.mapping_text.encode()),
            target=self.target,
            report_bytes=done.report_bytes,
            checked=done.checked,
            **asdict(done.totals),
        )
        temporary = self.path.with_name(f"{self.path.name}.new")
        temporary.write_text(saved.model_dump_json(indent=2) + "\n", encoding="utf-8")
        temporary.replace(self.path)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _digest_of(path: Path, length: int) -> str:
    """Return the digest of the first ``length`` bytes of ``path``."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while length and (chunk := file.read(min(length, _CHUNK_BYTES))):
            digest.update(chunk)
            length -= len(chunk)
    return digest.hexdigest()
