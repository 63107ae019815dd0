"""How commands reach a running installation: its settings and its backlog."""
