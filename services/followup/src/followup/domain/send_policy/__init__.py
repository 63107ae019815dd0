"""Send policy: whether a mail may go now, why not, and when it may be tried again."""
