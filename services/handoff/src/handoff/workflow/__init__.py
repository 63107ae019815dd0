"""A handoff's workflow, and what it carries out."""
