"""followup: the right contact at the right moment, and never one that should not happen."""
