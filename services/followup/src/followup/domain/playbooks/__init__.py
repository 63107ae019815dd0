"""Playbooks: who is contacted for which reason, by which steps, until when."""
