"""The HTTP application, its OpenAPI document, descriptions and examples."""
