"""Past decisions of the send policy on mails, and its present one."""
