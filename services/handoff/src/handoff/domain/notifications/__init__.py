"""Notifications: recipients, times, and words."""
