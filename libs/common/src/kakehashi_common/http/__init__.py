"""HTTP: the application factory, problem details, cursors, ETags, health, and the server."""

from kakehashi_common.http.app import create_app, ops_app
from kakehashi_common.http.cursors import Page, decode_cursor, encode_cursor, page
from kakehashi_common.http.etags import etag, matches, require_match
from kakehashi_common.http.health import Check, readiness
from kakehashi_common.http.problems import FieldError, Problem, field_errors
from kakehashi_common.http.server import component, serve

__all__ = [
    "Check",
    "FieldError",
    "Page",
    "Problem",
    "component",
    "create_app",
    "decode_cursor",
    "encode_cursor",
    "etag",
    "field_errors",
    "matches",
    "ops_app",
    "page",
    "readiness",
    "require_match",
    "serve",
]
