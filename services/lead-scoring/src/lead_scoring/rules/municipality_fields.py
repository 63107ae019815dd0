"""The fields of a municipality that fit rules may name."""

from kakehashi_common.contracts.municipalities import municipalities
from lead_scoring.domain.profile import Scalar


def municipality_fields(code: str) -> dict[str, Scalar]:
    """Return the municipality's fields by its code; empty for an unknown code."""
    known = municipalities().get(code)
    if known is None:
        return {}
    return {"kind": known.kind, "size_band": known.size_band, "prefecture": known.prefecture}
