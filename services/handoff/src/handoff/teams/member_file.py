"""A file of members.

Working hours, absences and whether a member still works here are not in it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from handoff.domain.teams.members import Function, Member, Role
from handoff.teams.schemas import MemberIn
from kakehashi_common.csv_file import Column, FileKind, FileRow, a_list, a_number, by_name, typed
from kakehashi_common.http.fields import Id

_ROLES: Final[Mapping[str, Role]] = {
    **{role.value: role for role in Role},
    "sdr": Role.SALES_DEVELOPMENT,
    "bdr": Role.SALES_DEVELOPMENT,
    "新規開拓": Role.SALES_DEVELOPMENT,
    "is": Role.INSIDE_SALES,
    "内勤営業": Role.INSIDE_SALES,
    "インサイドセールス": Role.INSIDE_SALES,
    "fs": Role.FIELD_SALES,
    "外勤営業": Role.FIELD_SALES,
    "フィールドセールス": Role.FIELD_SALES,
    "cs": Role.CUSTOMER_SUCCESS,
    "カスタマーサクセス": Role.CUSTOMER_SUCCESS,
}
_FUNCTIONS: Final[Mapping[str, Function]] = {
    **{function.value: function for function in Function},
    "政策提案": Function.POLICY_PROPOSAL,
    "財政折衝": Function.FINANCE_NEGOTIATION,
    "議会対応": Function.COUNCIL_LIAISON,
}

MEMBERS: Final = FileKind(
    "members",
    "member",
    MemberIn,
    {
        "member_id": Column(
            "社員番号",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ -, such as the staff number s-1042",
            typed(Id),
            required=True,
        ),
        "team_id": Column("チーム", "write the team's id, such as kanto", required=True),
        "name": Column(
            "氏名",
            "write 1 to 100 characters without control characters",
            required=True,
            personal=True,
        ),
        "roles": Column(
            "役割",
            "write one or more of 内勤営業 (inside_sales), 外勤営業 (field_sales), "
            "カスタマーサクセス (customer_success), SDR (sales_development), with ; between them",
            by_name(_ROLES),
            required=True,
        ),
        "functions": Column(
            "職能",
            "write 政策提案 (policy_proposal), 財政折衝 (finance_negotiation), 議会対応 "
            "(council_liaison), with ; between them, or nothing",
            by_name(_FUNCTIONS),
        ),
        "skills": Column(
            "専門",
            "write at most 100 of 1 to 64 of a–z, 0–9 and . _ - each, such as digital;welfare, or "
            "nothing",
            a_list,
        ),
        "capacity": Column(
            "上限", "write a whole number from 0 to 10000, such as 20", a_number, required=True
        ),
        "share": Column(
            "持ち分", "write a whole number from 1 to 100, or nothing", a_number, empty_stays=True
        ),
        "email": Column(
            "メールアドレス",
            "write an address such as hanako.sato@example.jp, or nothing",
            empty_stays=True,
            personal=True,
        ),
    },
)


def member_of(row: FileRow[MemberIn], before: Member | None) -> Member:
    """Return the member with what the file says; the rest stays as it was."""
    new = row.said.member(row.row_id)
    return new if before is None else replace(new, absences=before.absences, **row.kept(before))
