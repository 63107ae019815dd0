"""What the commands need of a running installation: its API, its settings, its backlog."""
