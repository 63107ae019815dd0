"""Shared by the HTTP routes of all features: scopes, parameters and the actor of a request."""
