"""The place of a municipality, by the attributes that territories depend on."""

from handoff.domain.teams.territories import Place
from kakehashi_common.contracts.municipalities import known_prefecture, municipalities


def place_of(municipality_code: str | None, policy_area: str | None) -> Place:
    """Return what is known of a place; of an unknown municipality only the policy area."""
    municipality = municipalities().get(municipality_code or "")
    if municipality is None:
        return Place(policy_area=policy_area)
    return Place(
        municipality.code,
        known_prefecture(municipality.prefecture).code[:2],
        municipality.kind,
        municipality.size_band,
        policy_area,
    )
