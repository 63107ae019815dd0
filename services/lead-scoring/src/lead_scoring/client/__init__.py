"""Access of commands to a running installation: its settings and its backlog."""
