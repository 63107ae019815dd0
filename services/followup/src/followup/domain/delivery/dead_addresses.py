"""Whether a mail server says that an address doesn't exist, so that no mail ever reaches it.

Servers refuse mails for many other reasons, for good too: a full mailbox, a size, a verdict on
spam, a blocked network, our own address as the sender. In doubt the address may live: what is sent
to it once more comes back once more, whereas a suppression stays.
"""

import re
from typing import Final

_DEAD: Final = frozenset(
    {
        "5.1.1",  # the mailbox doesn't exist
        "5.1.2",  # its domain doesn't exist, or takes no mail; "only useful for permanent failures"
        "5.1.3",  # no address by its syntax
        "5.1.6",  # moved, with no forwarding address
        "5.1.10",  # a null MX (RFC 7505, 4.2); Exchange: the recipient wasn't found
        "5.2.1",  # disabled
    }
)
"""Statuses by RFC 3463, 3.2 and 3.3. Left out of 5.1: 5.1.4 (ambiguous), 5.1.7 and 5.1.8 (the
sender's address) and 5.1.9 (a relay that doesn't understand, RFC 3886)."""
_SAID_BY_WORDS: Final = frozenset({None, "5.0.0", "5.1.0", "5.4.1"})
"""Statuses that don't say what it is; 5.4.1 is what Exchange Online answers for an unknown one."""
_UNKNOWN: Final = re.compile(
    r"(?:user|mailbox|recipient|address|account|addressee)s?\b.{0,60}?(?:\bunknown|not found|n[o']t"
    r" exist|doesn['’]?t exist|not listed|has been (?:disabled|deleted)|is disabled)"
    r"|(?:unknown|no such|invalid|bad destination|unrouteable|non-?existent)"
    r" (?:local |virtual |e?-?mail )*(?:user|mailbox|recipient|address|account|person)"
    r"|n[o']t have an? .{0,40}account|no mailbox here|recip(?:ient)?notfound"
    r"|recipient address rejected: access denied"
    r"|(?:宛先|あて先|アドレス|ユーザー?|受信者|メールボックス).{0,30}?"
    r"(?:存在し(?:ません|ない)|見つか(?:りません|らな)|見つけられません|不明|無効|誤り|間違)|宛先不明"
    r"|使(?:われて|用されて)(?:い|お)?(?:ません|りません)",
    re.IGNORECASE,
)
_OTHERWISE: Final = re.compile(
    r"full|quota|storage|too (?:large|big)|size|spam|junk|virus|block|black ?list|denylist|spamhaus"
    r"|\brbl\b|reputation|policy|relay|dmarc|\bspf\b|dkim|authenticat|sender|\brate\b"
    r"|too many|temporar"
    r"|容量|一杯|いっぱい|満杯|サイズ|超え|超過|迷惑|スパム|ウイルス|拒否|差出人|送信元|送信者|認証|一時的",
    re.IGNORECASE,
)
_SIGNS_TO_READ: Final = 600


def address_is_dead(status: str | None, words: str) -> bool:
    """Whether a refusal for good says that the address doesn't exist.

    Args:
        status: an enhanced status code (RFC 3463), if one was given.
        words: the server's, which count for more than a status that they contradict.
    """
    words = words[:_SIGNS_TO_READ]
    if _OTHERWISE.search(words):
        return False
    return status in _DEAD or (status in _SAID_BY_WORDS and speaks_of_unknown(words))


def speaks_of_unknown(words: str) -> bool:
    """Whether words say that there is no such address."""
    return _UNKNOWN.search(words) is not None


def speaks_of_another_reason(words: str) -> bool:
    """Whether words say why an address that exists didn't get a mail."""
    return _OTHERWISE.search(words) is not None
