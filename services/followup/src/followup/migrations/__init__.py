"""Alembic's scripts: the schema's history. See ADR 0008."""
