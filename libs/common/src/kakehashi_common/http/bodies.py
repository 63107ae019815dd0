"""What the bodies of all APIs have in common: a mistake is named, never passed over."""

from pydantic import BaseModel, ConfigDict, field_validator

from kakehashi_common.contracts.texts import find_forbidden


class RequestBody(BaseModel):
    """What an operation is sent: unknown fields are mistakes, and so are texts nobody can store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*")
    @classmethod
    def _of_text(cls, value: object) -> object:
        if (found := find_forbidden(value)) is not None:
            raise ValueError(f"it holds {found[1]}, a character that no text may hold: remove it")
        return value
