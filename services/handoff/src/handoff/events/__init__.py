"""Events of handoff: what has happened, as others read it."""
