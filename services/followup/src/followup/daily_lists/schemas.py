"""Daily lists, as the API shows them."""

from datetime import date

from pydantic import Field

from followup.domain.daily_lists import DailyList, Item, ItemKind
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class ItemOut(ResponseBody):
    """An approval, a task, or an answer to a mail."""

    kind: ItemKind
    item_id: str = Field(
        description="The `approval_id`, `task_id` or `question_id`; of an answer the `digest` by "
        "which `GET /v1/incoming-mails/{digest}` shows its text"
    )
    title: str
    lead_id: str = Field(description="Empty: of a question nobody said who asks")
    municipality: str = Field(examples=["群馬県桐生市"])
    due_at: JapanTime = Field(description="Of an answer: when it came")
    holder: str | None = Field(description="Null: whoever may approve")
    moved_from: str | None = Field(description="Who is away, and had it before")
    returns_at: JapanTime | None = Field(description="Until when it was put off")
    to_write: list[str] = Field(description="What a person still has to write into the mail")
    best_hours: str = Field(
        default="", description="When to call, and why; empty: no hour is known to be better"
    )

    @classmethod
    def of(cls, item: Item) -> "ItemOut":
        """Show an item."""
        return cls(
            kind=item.kind,
            item_id=item.item_id,
            title=item.title,
            lead_id=item.lead_id,
            municipality=municipality_name(item.municipality_code),
            due_at=item.due_at,
            holder=item.holder,
            moved_from=item.moved_from,
            returns_at=item.returns_at,
            to_write=list(item.to_write),
            best_hours=item.best_hours,
        )


class DailyListOut(ResponseBody):
    """One seller's list of one day."""

    seller_id: str
    day: date
    as_of: JapanTime
    answers: list[ItemOut] = Field(
        description="What was answered in their sequences since the previous business day"
    )
    overdue: list[ItemOut] = Field(description="Tasks")
    approvals: list[ItemOut] = Field(description="Theirs, and those that whoever may approves")
    today: list[ItemOut] = Field(description="Tasks")
    later: list[ItemOut] = Field(description="Tasks that are due or return on a later day")

    @classmethod
    def of(cls, found: DailyList) -> "DailyListOut":
        """Show a list."""
        return cls(
            seller_id=found.seller_id,
            day=found.day,
            as_of=found.at,
            answers=[ItemOut.of(each) for each in found.answers],
            overdue=[ItemOut.of(each) for each in found.overdue],
            approvals=[ItemOut.of(each) for each in found.approvals],
            today=[ItemOut.of(each) for each in found.today],
            later=[ItemOut.of(each) for each in found.later],
        )


class CalendarOut(ResponseBody):
    """A calendar feed that was opened."""

    url: str = Field(
        description="Subscribe to this. It holds the token, which is shown here and never again: "
        "whoever has the URL reads this seller's list until the feed is opened again or closed"
    )
