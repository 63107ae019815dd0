"""An API's contract: its OpenAPI document, made from the routes alone. Nothing connects."""

import json
import sys
from typing import Any

from kakehashi_common.auth import TokenVerifier
from kakehashi_common.db import Database
from kakehashi_common.settings import AuthSettings, DatabaseSettings


def unconnected_database() -> Database:
    """A database for an application that is described, not run."""
    return Database(DatabaseSettings(url="postgresql://localhost/described"), application="openapi")


def unconnected_verifier() -> TokenVerifier:
    """A verifier for an application that is described, not run."""
    return TokenVerifier(
        AuthSettings(jwks_url="http://localhost/jwks.json", issuer="http://localhost")
    )


def write(document: dict[str, Any]) -> None:
    """Print the document as it is committed."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
