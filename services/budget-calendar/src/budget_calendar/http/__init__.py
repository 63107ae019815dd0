"""The HTTP application over all features, and its OpenAPI document."""
