"""Contacts: the people behind leads, as events of other systems say."""
