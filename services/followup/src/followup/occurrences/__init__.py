"""What other services say that open sequences have to know: stored first, then passed on."""
