"""Temporal: re-scoring, the sweep of due leads, retention, and their schedules."""
