"""Every SQLSTATE of PostgreSQL 18 is the server's fault or the statement's."""

import asyncpg
import pytest

from kakehashi_common.sqlstates import is_servers_fault

CLASSES = {
    "00": "successful completion",
    "01": "warning",
    "02": "no data",
    "03": "SQL statement not yet complete",
    "08": "connection exception: the server's",
    "09": "triggered action exception",
    "0A": "feature not supported",
    "0B": "invalid transaction initiation",
    "0F": "locator exception",
    "0L": "invalid grantor",
    "0P": "invalid role specification",
    "0Z": "diagnostics exception",
    "10": "XQuery error",
    "20": "case not found",
    "21": "cardinality violation",
    "22": "data exception",
    "23": "integrity constraint violation",
    "24": "invalid cursor state",
    "25": "invalid transaction state",
    "26": "invalid SQL statement name",
    "27": "triggered data change violation",
    "28": "invalid authorization specification: the server's",
    "2B": "dependent privilege descriptors still exist",
    "2D": "invalid transaction termination",
    "2F": "SQL routine exception",
    "34": "invalid cursor name",
    "38": "external routine exception",
    "39": "external routine invocation exception",
    "3B": "savepoint exception",
    "3D": "invalid catalog name: the server's",
    "3F": "invalid schema name",
    "40": "transaction rollback",
    "42": "syntax error or access rule violation",
    "44": "WITH CHECK OPTION violation",
    "53": "insufficient resources: the server's",
    "54": "program limit exceeded",
    "55": "object not in prerequisite state",
    "57": "operator intervention: the server's",
    "58": "system error: the server's",
    "F0": "configuration file error: the server's",
    "HV": "foreign data wrapper error",
    "P0": "PL/pgSQL error",
    "XX": "internal error: the server's",
}
"""All classes of PostgreSQL 18; of these with "the server's" every state is."""

SINGLE_STATES = {
    "25006": "read-only transaction",
    "25P03": "idle in transaction session timeout",
    "25P04": "transaction timeout",
    "40000": "transaction rollback",
    "40001": "serialization failure",
    "40003": "statement completion unknown",
    "40P01": "deadlock detected",
    "42501": "insufficient privilege",
    "55006": "object in use",
    "55P03": "lock not available",
}
"""The server's states of classes that otherwise speak of the statement."""

KNOWN_STATES = sorted(
    state
    for each in vars(asyncpg.exceptions).values()
    if isinstance(state := getattr(each, "sqlstate", None), str)
)


@pytest.mark.parametrize(("sql_class", "meaning"), CLASSES.items())
def test_each_class_is_the_servers_fault_or_not(sql_class: str, meaning: str) -> None:
    assert is_servers_fault(f"{sql_class}000") is (
        meaning.endswith("the server's") or f"{sql_class}000" in SINGLE_STATES
    )


@pytest.mark.parametrize("state", KNOWN_STATES)
def test_each_state_that_the_driver_knows_follows_its_class_but_for_the_single_ones(
    state: str,
) -> None:
    meaning = CLASSES.get(state[:2], "72: snapshot too old, until PostgreSQL 16")
    assert is_servers_fault(state) is (meaning.endswith("the server's") or state in SINGLE_STATES)


@pytest.mark.parametrize("state", ["22001", "22021", "22P05", "23505", "23514", "40002", "54000"])
def test_what_depends_on_the_data_is_never_the_servers_fault(state: str) -> None:
    assert not is_servers_fault(state)
