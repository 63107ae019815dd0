"""Every local government of Japan: what ships, how it is refreshed, how it is found."""
