"""Classify errors of PostgreSQL: the fault of the server (or its operator), or of the statement.

What the server can't do now it can do later, with the same statement and the same data: such an
error is retried and never held against an event or a request. Everything else depends on what was
sent, and comes again with it. Source: PostgreSQL 18, appendix A, "PostgreSQL Error Codes".
"""

from typing import Final

SERVER_CLASSES: Final = frozenset(
    {
        "08",  # connection exception
        "28",  # authorization: a password or pg_hba.conf that was changed
        "3D",  # the database does not exist (yet, or any more)
        "53",  # insufficient resources: too many connections, disk full, out of memory
        "57",  # operator intervention: shutdown, crash, starting up, cancelled by a time-out
        "58",  # system error: input/output, a file that is missing
        "F0",  # configuration file
        "XX",  # internal error, corrupted data or index
    }
)
SERVER_STATES: Final = frozenset(
    {
        "25006",  # read-only transaction: the primary has just become a standby
        "25P03",  # idle in a transaction for too long
        "25P04",  # transaction time-out
        "40000",  # transaction rollback
        "40001",  # serialization failure
        "40003",  # statement completion unknown
        "40P01",  # deadlock
        "42501",  # insufficient privilege: a grant is missing
        "55006",  # object in use
        "55P03",  # lock not available
    }
)
"""Single states of classes that otherwise speak of the statement."""

REFUSED_DATA: Final = frozenset(
    {
        "22",  # data exception: a value that its type can't hold
        "54",  # program limit exceeded: one that is too long for an index
    }
)
"""Classes that speak of a value."""


def is_servers_fault(state: str) -> bool:
    """Return whether the same statement can succeed later, whatever its data."""
    return state[:2] in SERVER_CLASSES or state in SERVER_STATES
