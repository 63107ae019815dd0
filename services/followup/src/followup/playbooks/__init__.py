"""Playbooks as people write them: YAML with templates, read, checked and rendered."""
