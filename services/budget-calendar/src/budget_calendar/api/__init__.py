"""What the HTTP routes of several features share: scopes, parameters, and who asks."""
