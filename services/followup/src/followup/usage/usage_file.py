"""A file of usage: CSV in UTF-8 or CP932, with English or Japanese column names."""

from typing import Final

from followup.triggers.schemas import ReportId
from followup.usage.schemas import UsageIn
from kakehashi_common.csv_file import Column, FileKind, a_number, typed
from kakehashi_common.domain.japanese_dates import parse_japanese_date

_A_DAY: Final = "write a day such as 2027-01-31 or 令和9年1月31日"

USAGE: Final = FileKind(
    "usage",
    "period",
    UsageIn,
    {
        "report_id": Column(
            "番号",
            "write 1 to 64 of A–Z, a–z, 0–9 and . _ : -, such as usage-102032-2027-01",
            typed(ReportId),
            required=True,
        ),
        "municipality_code": Column("団体コード", "write six digits such as 102032", required=True),
        "contract_id": Column("契約", "write the contract's id", empty_stays=True),
        "metric": Column("指標", "write a slug such as logins", required=True),
        "begins": Column("開始日", _A_DAY, parse_japanese_date, required=True),
        "ends": Column("終了日", _A_DAY, parse_japanese_date, required=True),
        "value": Column("値", "write a whole number from 0 on", a_number, required=True),
        "licensed_users": Column("契約人数", "write a whole number", a_number, empty_stays=True),
        "active_users": Column("利用人数", "write a whole number", a_number, empty_stays=True),
        "source": Column("出典", "write where the figure is from", required=True),
        "owner": Column("担当", "write a team or staff number, such as s-1042", empty_stays=True),
    },
)
