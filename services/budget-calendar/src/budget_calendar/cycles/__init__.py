"""A budget cycle per followed municipality: the workflow that publishes what comes near."""
