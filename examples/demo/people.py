"""Made-up people in real municipalities: names, departments, ranks, sizes of organisations."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from kakehashi_common.contracts.lead_events import DecisionRole
from kakehashi_common.contracts.municipalities import Municipality, municipalities

SURNAMES = (
    ("佐藤", "sato"), ("鈴木", "suzuki"), ("高橋", "takahashi"), ("田中", "tanaka"),
    ("伊藤", "ito"), ("渡辺", "watanabe"), ("山本", "yamamoto"), ("中村", "nakamura"),
    ("小林", "kobayashi"), ("加藤", "kato"), ("吉田", "yoshida"), ("山田", "yamada"),
    ("佐々木", "sasaki"), ("山口", "yamaguchi"), ("松本", "matsumoto"), ("井上", "inoue"),
    ("木村", "kimura"), ("林", "hayashi"), ("斎藤", "saito"), ("清水", "shimizu"),
    ("山崎", "yamazaki"), ("森", "mori"), ("池田", "ikeda"), ("橋本", "hashimoto"),
    ("阿部", "abe"), ("石川", "ishikawa"), ("山下", "yamashita"), ("中島", "nakajima"),
    ("石井", "ishii"), ("小川", "ogawa"), ("前田", "maeda"), ("岡田", "okada"),
    ("長谷川", "hasegawa"), ("藤田", "fujita"), ("後藤", "goto"), ("近藤", "kondo"),
    ("村上", "murakami"), ("遠藤", "endo"), ("青木", "aoki"), ("坂本", "sakamoto"),
    ("金城", "kinjo"), ("比嘉", "higa"), ("工藤", "kudo"), ("菅原", "sugawara"),
)  # fmt: skip
"""Frequent surnames, with their usual reading."""

GIVEN_NAMES = (
    ("健一", "k"), ("誠", "m"), ("直樹", "n"), ("大輔", "d"), ("翔太", "s"), ("拓也", "t"),
    ("浩", "h"), ("和也", "k"), ("隆", "t"), ("亮", "r"), ("雄一", "y"), ("達也", "t"),
    ("美咲", "m"), ("由美子", "y"), ("陽子", "y"), ("恵", "m"), ("さくら", "s"), ("裕子", "y"),
    ("真由美", "m"), ("久美子", "k"), ("愛", "a"), ("彩", "a"), ("智子", "t"), ("千尋", "c"),
)  # fmt: skip

DEPARTMENTS: Mapping[str, int] = {
    "情報政策課": 16,
    "デジタル推進課": 16,
    "DX推進室": 10,
    "行政経営課": 8,
    "企画政策課": 10,
    "総務課": 12,
    "財政課": 5,
    "契約検査課": 3,
    "{resident}民課": 8,
    "税務課": 4,
    "福祉課": 4,
    "子育て支援課": 4,
    "健康推進課": 3,
    "危機管理課": 4,
    "学校教育課": 3,
    "建設課": 3,
}
"""Departments with how often a visitor comes from each. The name of the residents' section
depends on the kind of municipality (市民課, 町民課 …)."""

RESIDENT = {"city": "市", "special_ward": "区", "town": "町", "village": "住", "prefecture": "県"}
STAFF_PER_RESIDENT = 1 / 115
"""Municipal staff per resident: a rough middle of what municipalities report."""


@dataclass(frozen=True, slots=True)
class Person:
    """One made-up lead: a person in a department of a real municipality."""

    lead_id: str
    name: str
    email: str
    phone: str
    municipality: Municipality
    department: str
    role: DecisionRole
    organisation_size: int
    known: bool
    """Whether the seller knows the profile at all; some visitors stay anonymous."""


def people(rng: Random, count: int, run: str) -> Iterator[Person]:
    """``count`` people; a larger municipality has more of them, and several share one.

    ``run`` is part of every lead id, so that the leads of another day are other leads.
    """
    local = [m for m in municipalities().values() if m.kind != "prefecture"]
    # The square root: a city of a million is not a hundred times as likely as one of 10,000.
    weights = [math.sqrt(m.japanese_residents + 1) for m in local]
    places = rng.choices(local, weights, k=max(1, count * 2 // 5))
    for number in range(1, count + 1):
        yield _person(rng, rng.choice(places), f"crm-{run}-{number:05d}")


def _person(rng: Random, place: Municipality, lead_id: str) -> Person:
    (surname, reading), (given, initial) = rng.choice(SURNAMES), rng.choice(GIVEN_NAMES)
    department = rng.choices(list(DEPARTMENTS), list(DEPARTMENTS.values()))[0]
    department = department.format(resident=RESIDENT[place.kind])
    role = _role(rng, department)
    if role is DecisionRole.HEAD:
        department = "副市長室" if place.kind == "city" else "総務課"
    if role is DecisionRole.COUNCIL:
        department = "議会事務局"
    staff = place.japanese_residents * STAFF_PER_RESIDENT * rng.uniform(0.8, 1.25)
    return Person(
        lead_id=lead_id,
        name=f"{surname} {given}",
        email=f"{initial}.{reading}.{lead_id[-5:]}@lg{place.code}.example",
        phone=f"0{rng.randint(10, 99)}-{rng.randint(200, 999)}-0000",
        municipality=place,
        department=department,
        role=role,
        organisation_size=max(20, round(staff)),
        known=rng.random() < 0.93,  # noqa: PLR2004 (a share, named by the comment on the field)
    )


def _role(rng: Random, department: str) -> DecisionRole:
    if department == "財政課":
        return DecisionRole.FINANCE
    return rng.choices(
        [
            DecisionRole.OFFICER,
            DecisionRole.MANAGER,
            DecisionRole.HEAD,
            DecisionRole.COUNCIL,
            DecisionRole.OTHER,
        ],
        [62, 27, 1.5, 1.5, 8],
    )[0]
