"""Japanese explanations of the codes of refusals, for readers of the Temporal UI."""

from collections.abc import Mapping
from typing import Final

from kakehashi_common.domain import refusals

REFUSALS: Final[Mapping[str, str]] = {
    **refusals.REFUSALS,
    "approval_not_awaited": "この承認は待たれていません",
    "being_sent": "送信中の手順は見送れません。シーケンスを終了してください",
    "higher_playbook_open": "優先度の高いプレイブックが終わるまで再開できません",
    "not_allowed": "この反応に名前は付けられません",
    "not_the_present_step": "現在の手順ではありません",
    "out_of_range": "値が範囲外です",
    "sequence_ended": "このシーケンスは終了しています",
    "sequence_exists": "このIDは別の相手先またはプレイブックのシーケンスのものです",
    "task_not_open": "このタスクは受け付けていません",
    "until_in_the_past": "過ぎた日時です。untilにはこれからの日時を指定するか、省いてください",
    "unknown_playbook": "このプレイブックまたは版はありません",
}
