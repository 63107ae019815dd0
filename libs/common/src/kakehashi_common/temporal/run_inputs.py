"""The input of a workflow's run: what can't be read fails a new workflow at once, and says why.

By itself the SDK fails the workflow task, which is then retried for ever: whoever starts a workflow
in the Temporal UI with an input that it can't read would see one that runs and does nothing. With
:func:`init` and :func:`run` a workflow declares the one input that it takes, or none.

Only a start is refused. A workflow that went on before, and can't read its input now, keeps failing
its task until the code or the keys are mended; so does one that was encrypted with a key that is
not known here.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar, cast

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from kakehashi_common.domain.texts import Text
from kakehashi_common.temporal.messages import (
    Expected,
    MessageHandlers,
    undecryptable_value,
)
from kakehashi_common.temporal.refusals import MessageRefusedError

UNREADABLE: Final = "input_unreadable"
"""The type of the failure of a workflow that was started with an input that it can't read."""

_THIS_WORKFLOW: Final = Text("このワークフロー", "this workflow")

_REFUSED: Final = "unreadable-input"
"""The patch marker of a start that was refused, so that its history replays."""

_Init = TypeVar("_Init", bound=Callable[..., None])
_Run = TypeVar("_Run", bound=Callable[..., Awaitable[Any]])
_R = TypeVar("_R")


def init(method: _Init) -> _Init:
    """Declare ``__init__`` of a workflow, which takes the run's input; as ``workflow.init``."""
    expected = Expected.of(method, _THIS_WORKFLOW)

    def begin(self: MessageHandlers, *args: object) -> None:
        try:
            values = _read(expected, args)
        except (ApplicationError, RuntimeError) as error:
            # The run raises it: after an error here the UI's queries would fail, and the SDK would
            # drop the coroutine of the run unawaited.
            self.unreadable_input = error
            return
        method(self, *values)

    return cast("_Init", workflow.init(expected.as_raw_handler(begin, method)))


def run(method: _Run) -> _Run:
    """Declare the run of a workflow, which takes one input or none; as ``workflow.run``."""
    expected = Expected.of(method, _THIS_WORKFLOW)

    async def execute(self: MessageHandlers, *args: object) -> Any:
        if self.unreadable_input is not None:
            raise self.unreadable_input
        values = _read(expected, args)
        return await method(self, *values)

    return cast("_Run", workflow.run(expected.as_raw_handler(execute, method)))


def _read(expected: Expected[_R], args: Sequence[object]) -> tuple[_R, ...]:
    """Return the input, within a tuple; an empty one for a run that takes none.

    Raises:
        ApplicationError: the workflow begins with this input and can't read it.
        RuntimeError: it went on before, or the input can't be decrypted here.
    """
    if reason := next((why for each in args if (why := undecryptable_value(each))), None):
        raise RuntimeError(reason)
    try:
        return expected.read(args)
    except MessageRefusedError as error:
        if workflow.info().continued_run_id is None and workflow.patched(_REFUSED):
            raise ApplicationError(
                "開始時の入力を読み取れないため、ワークフローを開始できません。入力を直して、"
                f"もう一度開始してください：{error.text.ja} / The input can't be read, so the "
                f"workflow has not begun; start it again with a valid one: {error.text.en}",
                type=UNREADABLE,
                non_retryable=True,
            ) from None
        raise RuntimeError(
            f"この実行の入力を読み取れません：{error.text.ja}"
            f" / the input of this run can't be read: {error.text.en}"
        ) from error
