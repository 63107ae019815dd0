"""What sets off a follow-up: reasons that others report, and behaviour that is observed."""
