"""Kinds and categories of activity, as explanations name them."""

from typing import Final

from followup.domain.triggers.conditions import Pattern
from kakehashi_common.domain.japanese_names import activity_name, category_name
from kakehashi_common.domain.texts import Text

_FEW: Final = 3


def name_of(pattern: Pattern) -> Text:
    """Name the activities that are meant, such as ``料金のページ閲覧``."""
    kinds, categories, words = (
        sorted(each) for each in (pattern.kinds, pattern.categories, pattern.words)
    )
    if len(kinds) > _FEW:
        ja, en = "いずれかの活動", f"one of {len(kinds)} kinds of activity"
    else:
        ja, en = "か".join(activity_name(each) for each in kinds), " or ".join(kinds)
    if categories:
        ja = f"{'・'.join(category_name(each) for each in categories)}の{ja}"
        en = f"{en} ({', '.join(categories)})"
    if words:
        ja, en = f"「{'」「'.join(words)}」のいずれかを含む{ja}", f"{en} with {' or '.join(words)}"
    return Text(ja, en)
