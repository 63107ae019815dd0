"""Choose the channel of a contact, with the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.steps import BestChannelStep, Channel, channel_of
from followup.domain.send_times.answer_rates import Tally, overall, rate_of
from kakehashi_common.domain.texts import Text

ENOUGH_IN_A_CHANNEL: Final = 50
"""With fewer contacts by it a channel is not compared: calls and letters are rarer than mails, and
an interval of 10 % of 50 already reaches from 4 % to 21 % (Wilson)."""
WORTH_CHANGING: Final = 1.2
"""Another channel must be better than the first one by a fifth, as a later hour must."""

CHANNELS: Final[Mapping[Channel, Text]] = {
    Channel.MAIL: Text("メール", "mail"),
    Channel.CALL: Text("電話", "call"),
    Channel.LETTER: Text("手紙", "letter"),
}


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """The chosen channel of a contact, and the reason."""

    channel: Channel
    learnt: bool
    """Whether answers were compared; else it is the first one."""
    text: Text
    """The reason for this channel."""


def choose_channel(
    tallies: Iterable[Tally], *, role: str, kind: str, channels: Sequence[Channel]
) -> ChannelChoice:
    """Choose of ``channels`` the one in which this role answers most often on this kind.

    Rates are shrunk towards that of all channels together. A channel that is hardly better than
    the first one, or by which there were too few contacts, does not take its place.

    Args:
        tallies: of all contacts.
        role: the person's.
        kind: what it is about.
        channels: those that are possible, the playbook's first one first; not empty.
    """
    everything = tuple(tallies)
    own = [each for each in everything if (each.role, each.kind) == (role, kind)]
    base = rate_of(own, overall(everything)).expected
    rates = {
        channel: rate_of((each for each in own if each.channel is channel), base)
        for channel in channels
    }
    first = channels[0]
    if len(channels) == 1:
        only = CHANNELS[first]
        return ChannelChoice(
            first, learnt=False, text=Text(f"{only.ja}にします。", f"So {only.en} is taken.")
        )
    known = [each for each in channels if rates[each].contacts >= ENOUGH_IN_A_CHANNEL]
    if first not in known or len(known) == 1:
        counts = {channel: rate.contacts for channel, rate in rates.items()}
        return ChannelChoice(first, learnt=False, text=_too_few(first, counts))
    worth_it = [
        each for each in known if rates[each].expected >= WORTH_CHANGING * rates[first].expected
    ]
    best = max(worth_it, key=lambda each: rates[each].expected, default=first)
    decided = _decided(first, best)
    said = [(CHANNELS[each], rates[each].text) for each in known]
    return ChannelChoice(
        best,
        learnt=True,
        text=Text(
            ja="同じ役割・用件の連絡では、"
            + "、".join(f"{name.ja}は{rate.ja}" for name, rate in said)
            + f"です。{decided.ja}",
            en="Of contacts of the same role and kind, "
            + "; ".join(f"by {name.en} {rate.en}" for name, rate in said)
            + f". {decided.en}",
        ),
    )


def likely_channels(
    playbook: Playbook,
    tallies: Sequence[Tally],
    *,
    role: str,
    kind: str,
    has_address: bool,
) -> dict[str, str]:
    """Return of each step of ``playbook`` that has channels the one that would be chosen now."""
    found = {}
    for step in playbook.steps:
        if isinstance(step, BestChannelStep):
            by_channel = {channel_of(each): each.id for each in step.channels}
            possible = [each for each in by_channel if has_address or each is not Channel.MAIL]
            chosen = choose_channel(tallies, role=role, kind=kind, channels=possible)
            found[step.id] = by_channel[chosen.channel]
    return found


def _decided(first: Channel, best: Channel) -> Text:
    name = CHANNELS[best]
    if best is first:
        return Text(
            ja=f"2割以上よい手段がないため、先に挙げた{name.ja}にします。",
            en=f"None is better by a fifth, so the first one is taken: {name.en}.",
        )
    return Text(ja=f"{name.ja}にします。", en=f"So {name.en} is taken.")


def _too_few(first: Channel, counts: Mapping[Channel, int]) -> Text:
    return Text(
        ja="同じ役割・用件の連絡はまだ"
        + "、".join(f"{CHANNELS[each].ja}{contacts}件" for each, contacts in counts.items())
        + f"で、比べるには手段ごとに{ENOUGH_IN_A_CHANNEL}件が必要なため、"
        f"先に挙げた{CHANNELS[first].ja}にします。",
        en="There are contacts of the same role and kind: "
        + ", ".join(f"{contacts} by {CHANNELS[each].en}" for each, contacts in counts.items())
        + f"; comparing takes {ENOUGH_IN_A_CHANNEL} by each, so the first one is taken: "
        f"{CHANNELS[first].en}.",
    )
