"""Japanese explanations of the codes of refusals, for readers of the Temporal UI."""

from collections.abc import Mapping
from typing import Final

from kakehashi_common.domain import refusals

REFUSALS: Final[Mapping[str, str]] = {
    **refusals.REFUSALS,
    "already_closed": "すでに別の結果で終了しています",
    "already_paused": "すでに一時停止しています",
    "already_the_owner": "指定された人がすでに担当者です",
    "assignment_outdated": "この割り当ては不要になっています",
    "before_assignment": "割り当てより前の日時です",
    "before_lead": "リードの発生より前の日時です",
    "facts_missing": "不足している情報を指定してください",
    "handoff_ended": "この引き継ぎは終了しています",
    "handoff_exists": "この引き継ぎは別のリードのものです",
    "in_future": "未来の日時は指定できません",
    "in_past": "過去の日時は指定できません",
    "no_answer_awaited": "リードへの回答は求められていません",
    "nobody_to_rate": "評価する相手がまだいません",
    "not_due": "まだその時期ではありません",
    "not_expected": "この見送り理由では指定できない項目です",
    "not_involved": "この引き継ぎに関わっていない人です",
    "not_paused": "一時停止していません",
    "not_the_owner": "担当者ではありません",
    "out_of_range": "値が範囲外です",
    "own_rating": "自分自身は評価できません",
    "pause_too_long": "一時停止できる期間を超えています",
    "phase_unknown": "予算編成の段階として登録されていません",
    "rating_closed": "評価できる期間を過ぎています",
    "reason_missing": "理由を指定してください",
    "reason_not_allowed": "この場面では使えない理由です",
    "repeated": "同じものが重複しています",
    "same_role": "引き継ぎ元と引き継ぎ先の役割が同じです",
    "to_missing": "担当者を指定してください",
    "too_far_away": "3年より先の日付は指定できません",
    "too_many": "件数が上限を超えています",
    "unknown_member": "担当できるメンバーとして登録されていません",
    "until_missing": "再開する日、または予算編成の段階を指定してください",
    "wrong_status": "現在の状態では受け付けられません",
}
