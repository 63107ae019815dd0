"""Mail by SMTP: the server's settings, a connection to it, and how its answers are told."""
