"""Scopes that a token may hold; each operation names the one that it needs."""

from typing import Final

READ: Final = "followup:read"
WRITE: Final = "followup:write"
PERSONAL_DATA: Final = "followup:personal-data"
RECEIVE_MAILS: Final = "followup:mails:receive"
PUBLISH_PLAYBOOKS: Final = "followup:playbooks:publish"
