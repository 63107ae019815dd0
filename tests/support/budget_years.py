"""Municipalities, sessions and corrections for tests of the budget year."""

from datetime import UTC, date, datetime, timedelta

from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.council.sessions import ObservedSession, PredictedSession, SessionKind
from budget_calendar.domain.municipality import Municipality, MunicipalityType
from budget_calendar.domain.windows import Basis, Estimate, Window

KIRYU = Municipality("102032", "桐生市", "きりゅうし", "群馬県", MunicipalityType.CITY, 100_000)
CHIBA = Municipality(
    "121002", "千葉市", "ちばし", "千葉県", MunicipalityType.DESIGNATED_CITY, 950_000
)
GUNMA = Municipality(
    "100005", "群馬県", "ぐんまけん", "群馬県", MunicipalityType.PREFECTURE, 1_850_000
)
KANNA = Municipality("103675", "神流町", "かんなまち", "群馬県", MunicipalityType.TOWN, 1_600)


def a_correction(key: str, first: date, last: date | None = None, **more: object) -> Correction:
    """A correction of Kiryu's fiscal year 2026 for a day, or for the window up to ``last``."""
    last = last or first
    values: dict[str, object] = {
        "code": KIRYU.code,
        "fiscal_year": 2026,
        "key": key,
        "window": Window(first, first + (last - first) // 2, last),
        "source": "telephone",
        "reason": "the finance section told us",
        "by": "sato",
        "at": datetime(2026, 4, 1, tzinfo=UTC),
    }
    return Correction(**(values | more))  # type: ignore[arg-type]


def a_session(
    number: int, opens: date | None, vote: date, kind: SessionKind = SessionKind.REGULAR
) -> ObservedSession:
    """A session of Kiryu as it was held."""
    return ObservedSession(
        KIRYU.code, kind, vote.year, number, opens, vote, (), "published minutes"
    )


def a_prediction(number: int, opens: date | None, vote: date, spread: int = 3) -> PredictedSession:
    """A session as it is expected, some days more or less."""
    around = timedelta(days=spread)

    def estimate(day: date) -> Estimate:
        window = Window(day - around, day, day + around)
        return Estimate(window, Basis.PREDICTED, "sessions 2012–2025", 0.8)

    return PredictedSession(vote.year, number, estimate(opens) if opens else None, estimate(vote))
