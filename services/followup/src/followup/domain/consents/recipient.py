"""The person that a mail would go to."""

from dataclasses import dataclass

from kakehashi_common.domain.person import comparable_email


@dataclass(frozen=True, slots=True)
class Recipient:
    """A lead with an address of mail."""

    lead_id: str
    address: str
    """As it was given; compared without regard to case and width."""
    organisation: str | None = None
    """A municipality's code, or the seller's own id of another organisation."""

    @property
    def comparable_address(self) -> str:
        """The address as consents and suppressions hold it."""
        return comparable_email(self.address)

    @property
    def domains(self) -> tuple[str, ...]:
        """The address's domain and those above it, such as ``kiryu.lg.jp`` and ``lg.jp``."""
        labels = self.comparable_address.rpartition("@")[2].rstrip(".").split(".")
        return tuple(".".join(labels[start:]) for start in range(len(labels)))
