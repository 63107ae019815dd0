"""Measures of playbooks, steps, experiments and conditions."""
