"""What leads do and are becomes an explained score."""
