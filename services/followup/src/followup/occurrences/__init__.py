"""Events of other services that open sequences react to: stored first, then passed on."""
