"""Webhooks: where they may lead, how they are signed, and one POST of one."""
