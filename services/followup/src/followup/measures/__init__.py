"""Measures of playbooks: rates, experiments, the precision of conditions."""
