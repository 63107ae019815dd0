"""Fixtures of the integration tests of all packages."""

from tests.support.postgres import empty_database

__all__ = ["empty_database"]
