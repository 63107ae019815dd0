"""Notifications: what members and other systems are told of a handoff, by mail and webhook."""
