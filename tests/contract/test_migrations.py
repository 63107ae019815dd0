"""The migrations of a service are one line: two that follow the same one can't be applied.

And whoever adds a table says whose data it holds.
"""

import warnings
from collections.abc import Iterable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from followup import tables as followup
from followup.personal_data import holdings as followup_holdings
from handoff import tables as handoff
from handoff.leads import holdings as handoff_holdings
from kakehashi_common.lead_profiles.holdings import Holding

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(ROOT.glob("services/*/src/*/migrations"))


@pytest.mark.parametrize("scripts", SCRIPTS, ids=lambda scripts: scripts.parent.name)
def test_each_migration_has_a_revision_of_its_own_and_the_last_is_the_only_head(
    scripts: Path,
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        revisions = list(ScriptDirectory(str(scripts)).walk_revisions())
    names = sorted(file.name[:4] for file in (scripts / "versions").glob("[0-9]*.py"))
    assert sorted(each.revision for each in revisions) == names
    assert [each.revision for each in revisions if each.is_head] == names[-1:]


@pytest.mark.parametrize(
    ("metadata", "holdings", "others"),
    [
        (followup.metadata, followup_holdings.HOLDINGS, followup_holdings.OTHERS),
        (handoff.metadata, handoff_holdings.HOLDINGS, handoff_holdings.OTHERS),
    ],
    ids=["followup", "handoff"],
)
def test_every_table_is_exported_and_erased_or_holds_nothing_about_a_person(
    metadata: MetaData, holdings: Iterable[Holding], others: frozenset[str]
) -> None:
    held = {holding.table for holding in holdings}
    assert held | others == set(metadata.tables), "see the service's module `holdings`"
    assert not held & others
