"""The HTTP API of lead-scoring, one module per noun."""

from lead_scoring.api.app import create_app

__all__ = ["create_app"]
