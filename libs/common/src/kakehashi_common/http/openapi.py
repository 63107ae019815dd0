"""An API's contract: its OpenAPI document, made from the routes alone. Nothing connects."""

import json
import sys
from typing import Any, Final

from kakehashi_common.settings import AuthSettings, DatabaseSettings

DATABASE: Final = DatabaseSettings(url="postgresql://localhost/described")
"""Of an application that is described, not run."""

AUTH: Final = AuthSettings(jwks_url="http://localhost/jwks.json", issuer="http://localhost")
"""Of an application that is described, not run."""


def write(document: dict[str, Any]) -> None:
    """Print the document as it is committed."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
