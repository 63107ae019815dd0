"""Who is notified, when, and in which words."""
