"""The migrations of a service are one line: two that follow the same one can't be applied.

And whoever adds a table says whose data it holds.
"""

import warnings
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from followup import tables
from followup.personal_data.holdings import HOLDINGS, OTHERS

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


def test_every_table_of_followup_is_exported_and_erased_or_holds_nothing_about_a_person() -> None:
    held = {holding.table for holding in HOLDINGS}
    assert held | OTHERS == set(tables.metadata.tables), "see followup.personal_data.holdings"
    assert not held & OTHERS
