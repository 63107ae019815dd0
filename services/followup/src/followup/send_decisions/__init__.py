"""What the send policy said of mails, and would say now."""
