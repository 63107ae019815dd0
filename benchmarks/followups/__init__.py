"""followup beside floors that do the same without its rules: ``make bench-followups``."""
