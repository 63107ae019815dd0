"""What the integration tests of every package share."""

from tests.support.postgres import empty_database

__all__ = ["empty_database"]
