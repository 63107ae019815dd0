"""Mails that go out: what the law wants in them, and what became of them."""
