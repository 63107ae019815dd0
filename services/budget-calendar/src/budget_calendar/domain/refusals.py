"""How the domain refuses: a reason that names the field and the fix."""


class RefusedError(ValueError):
    """What was asked for contradicts a rule; nothing has changed.

    Args:
        message: what is wrong and what would be right, in one plain sentence.
        field: the name of the input at fault, as the caller knows it.
        code: stable, for programs; snake_case.
    """

    def __init__(self, message: str, *, field: str | None = None, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.code = code
