"""Money: whole yen, consumption tax included, as budgets and prices (予定価格) count it."""

from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text


def require_yen(amount: int, field: str, *, least: int = 0) -> int:
    """``amount`` if it is whole yen and not below ``least``.

    Raises:
        DomainError: it isn't an integer (``amount_not_whole``) or too low (``amount_too_low``).
    """
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise DomainError(
            f"{field} must be whole yen, not {amount!r}", field=field, code="amount_not_whole"
        )
    if amount < least:
        raise DomainError(
            f"{field} must be at least {least} yen, not {amount}",
            field=field,
            code="amount_too_low",
        )
    return amount


def in_words(amount: int) -> Text:
    """The amount as people read it: ``1,200万円``, ``¥12,000,000``."""
    man, rest = divmod(amount, 10_000)
    return Text(ja=f"{amount:,}円" if rest or not man else f"{man:,}万円", en=f"¥{amount:,}")
