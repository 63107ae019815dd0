"""Signals and updates of workflows: whatever is sent is carried out or refused.

By itself the SDK passes a message's arguments on as they come: one too many or too few fails the
workflow task, which is then retried for ever, and a signal that can't be read is dropped. With
:func:`signal`, :func:`update` and :func:`command` a handler declares the one message that it takes,
or none. Anything else is refused: an update answers with an error and leaves no trace, a signal is
shown in the workflow's current details (or wherever :meth:`MessageHandlers.refuse` puts it).
"""

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cached_property, wraps
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError
from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.workflow import UpdateMethodMultiParam

from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.texts import Text
from kakehashi_common.temporal.codec import undecryptable
from kakehashi_common.temporal.refusals import MessageRefusedError, malformed, shortened

_JSON: Final = b"json/plain"
_SHOWN: Final = 5
"""Refused signals that the current details show, the newest."""
_THIS_MESSAGE: Final = Text("このメッセージ", "this message")
_NOT_DECRYPTED: Final = "内容を復号できませんでした"

_WITHOUT_UNKNOWN_FIELDS: Final = "messages-without-unknown-fields"
"""The patch since which a signal with an unknown field is refused; updates always are, by their
validator, which is not part of a replay."""

_S = TypeVar("_S", bound="MessageHandlers")
_P = ParamSpec("_P")
_R = TypeVar("_R")


class MessageHandlers:
    """Base of every workflow: refused signals are shown beside its current details."""

    unreadable_input: ApplicationError | RuntimeError | None = None
    """Why the run never begins: its input can't be read, so there is nothing that a message could
    change. See ``kakehashi_common.temporal.run_inputs``."""

    _own_details: str = ""
    _refused_signals: tuple[str, ...] = ()
    _signals_handled: int = 0
    """The number of signals in this run."""

    def __init_subclass__(cls) -> None:
        """Add the signal of each :func:`command`, where the SDK looks for it."""
        super().__init_subclass__()
        for name, member in list(vars(cls).items()):
            if (as_signal := getattr(member, "as_signal", None)) is not None:
                setattr(cls, f"signal_{name}", as_signal)

    def check(self, message: Any) -> None:
        """Refuse a command before it is part of the history.

        Raises:
            MessageRefusedError: it can't be carried out.
        """

    async def apply_signal(self, message: Any) -> None:
        """Carry out a command that came as a signal, or :meth:`refuse` it."""
        raise NotImplementedError

    def show_details(self, details: str) -> None:
        """Show an operator in the Temporal UI where the workflow stands (Markdown)."""
        self._own_details = details
        self._refresh_details()

    async def refuse(self, name: str, error: MessageRefusedError) -> None:
        """Say that a signal was refused; a workflow that keeps a history overrides this."""
        self.show_refusal(name, error)

    def show_refusal(self, name: str, error: MessageRefusedError) -> None:
        """Add a refused signal to the current details."""
        line = f"- {workflow.now().astimezone(TOKYO):%Y-%m-%d %H:%M} {name}: {error.message}"
        self._refused_signals = (*self._refused_signals, line)[-_SHOWN:]
        self._refresh_details()

    def _refresh_details(self) -> None:
        refused = "\n".join(self._refused_signals)
        title = "受け付けなかったシグナル / Refused signals:\n\n" if refused else ""
        parts = (self._own_details, title + refused)
        workflow.set_current_details("\n\n".join(part for part in parts if part))

    @workflow.signal(
        dynamic=True,
        description="その他のシグナル（受け付けない） / Any other: refused",
    )
    async def unknown_signal(self, name: str, args: Sequence[RawValue]) -> None:  # noqa: ARG002 - the SDK passes it
        """Refuse a signal that the workflow does not have."""
        if self.unreadable_input is not None:
            return
        known = sorted(str(each) for each in _signals_of(type(self)))
        taken = (
            Text(f"受け付けるシグナル：{'、'.join(known)}", f"it takes {', '.join(known)}")
            if known
            else Text("シグナルは受け付けません", "it takes none")
        )
        name = shortened(ascii(name)[1:-1])
        text = Text(
            f"このワークフローにシグナル「{name}」はありません。{taken.ja}",
            f"the workflow has no signal {name!r}; {taken.en}",
        )
        await self.refuse(name, MessageRefusedError(text))

    def _refused_before(self, args: Sequence[object]) -> Text | None:
        """Return why a signal can't be decrypted, or could not be when it was first handled.

        The answer is kept in the history, since a key may come and go between replays.

        Raises:
            LookupError: it was carried out, and its key has been taken away since.
        """
        self._signals_handled += 1
        patch = f"undecryptable-signal-{self._signals_handled}"
        reason = next((why for each in args if (why := undecryptable_value(each))), None)
        if reason is not None:
            if workflow.patched(patch):
                return Text(_NOT_DECRYPTED, reason)
            raise LookupError(
                "処理済みのシグナルを復号できないため、ワークフローを再開できません。"
                f" / a signal of this history was carried out, but {reason}"
            )
        if workflow.unsafe.is_replaying() and workflow.patched(patch):
            return Text(_NOT_DECRYPTED, "it could not be decrypted when it came")
        return None


def signal(
    *, description: str, name: str | None = None
) -> Callable[
    [Callable[Concatenate[_S, _P], Awaitable[None] | None]],
    Callable[Concatenate[_S, _P], Awaitable[None] | None],
]:
    """Declare a signal that takes one message, or none; anything else is refused.

    As ``workflow.signal``, for methods of a :class:`MessageHandlers`.
    """

    def decorate(
        handler: Callable[Concatenate[_S, _P], Awaitable[None] | None],
    ) -> Callable[Concatenate[_S, _P], Awaitable[None] | None]:
        expected = Expected.of(handler)
        known_as = name or handler.__name__

        async def handle(self: _S, *args: object) -> None:
            if self.unreadable_input is not None:
                return
            reason = self._refused_before(args)
            try:
                if reason is not None:
                    raise MessageRefusedError(reason)  # noqa: TRY301 - refused as what follows is
                values = expected.read(args)
                _refuse_unknown_fields(expected, args)
            except MessageRefusedError as error:
                await self.refuse(known_as, error)
                return
            done = cast("Callable[..., Awaitable[None] | None]", handler)(self, *values)
            if done is not None:
                await done

        registered = workflow.signal(name=known_as, description=description)
        return cast(
            "Callable[Concatenate[_S, _P], Awaitable[None] | None]",
            registered(expected.as_raw_handler(handle, handler)),
        )

    return decorate


def update(
    *, description: str, name: str | None = None
) -> Callable[
    [Callable[Concatenate[_S, _P], Coroutine[Any, Any, _R]]],
    UpdateMethodMultiParam[Concatenate[_S, _P], _R],
]:
    """Declare an update that takes one message, or none; anything else is rejected.

    As ``workflow.update``. A ``validator`` gets the message as read, and is called for nothing
    else.
    """

    def decorate(
        handler: Callable[Concatenate[_S, _P], Coroutine[Any, Any, _R]],
    ) -> UpdateMethodMultiParam[Concatenate[_S, _P], _R]:
        expected = Expected.of(handler)
        checks: list[Callable[..., None]] = []

        async def handle(self: _S, *args: object) -> _R:
            values = expected.read(args)
            return await cast("Callable[..., Awaitable[_R]]", handler)(self, *values)

        def validate(self: _S, *args: object) -> None:
            if self.unreadable_input is not None:
                raise self.unreadable_input
            values = expected.read(args)
            expected.refuse_unknown_fields(args)
            for check in checks:
                check(self, *values)

        def add_check(check: Callable[..., None]) -> Callable[..., None]:
            checks.append(check)
            return check

        registered: Any = workflow.update(name=name or handler.__name__, description=description)(
            expected.as_raw_handler(handle, handler)
        )
        registered.validator(expected.as_raw_handler(validate, handler))
        registered.validator = add_check
        return cast("UpdateMethodMultiParam[Concatenate[_S, _P], _R]", registered)

    return decorate


def command(
    *, description: str, name: str | None = None
) -> Callable[
    [Callable[Concatenate[_S, _P], Coroutine[Any, Any, _R]]],
    UpdateMethodMultiParam[Concatenate[_S, _P], _R],
]:
    """Declare a message that can be sent as an update, which answers, or as a signal.

    The method is the update, with :meth:`MessageHandlers.check` for its validator. The signal of
    the same name is carried out by :meth:`MessageHandlers.apply_signal`.
    """

    def decorate(
        handler: Callable[Concatenate[_S, _P], Coroutine[Any, Any, _R]],
    ) -> UpdateMethodMultiParam[Concatenate[_S, _P], _R]:
        @wraps(handler)
        async def on_signal(self: _S, message: Any) -> None:
            await self.apply_signal(message)

        on_signal.__annotations__ = handler.__annotations__ | {"return": None}
        registered: Any = update(description=description, name=name)(handler)
        registered.validator(lambda self, message: self.check(message))
        registered.as_signal = signal(description=description, name=name)(on_signal)
        return cast("UpdateMethodMultiParam[Concatenate[_S, _P], _R]", registered)

    return decorate


class Expected(Generic[_R]):
    """The one message that a handler takes, or the one input of a run; or none."""

    def __init__(self, kind: type[_R] | None, hints: dict[str, Any], what: Text) -> None:
        self._kind = kind
        self._returns = hints.get("return")
        self._what = what

    @classmethod
    def of(cls, handler: Callable[..., Any], what: Text = _THIS_MESSAGE) -> "Expected[Any]":
        """Read it from the handler's annotations; ``what`` takes it, for refusals.

        Raises:
            TypeError: it takes several.
        """
        hints = get_type_hints(handler)
        _, *names = inspect.signature(handler).parameters
        if len(names) > 1:
            raise TypeError(f"{handler.__qualname__} must take one message, or none")
        return cls(hints[names[0]] if names else None, hints, what)

    def read(self, args: Sequence[object]) -> tuple[_R, ...]:
        """Return the message, within a tuple; an empty one for a handler that takes none.

        Raises:
            MessageRefusedError: it is no such message.
        """
        if self._kind is None:
            if args:
                raise MessageRefusedError(
                    Text(
                        f"{self._what.ja}に引数はありません（渡された数：{len(args)}）。"
                        "入力欄を空にしてください",
                        f"{self._what.en} takes no argument, not {len(args)}: "
                        "leave the input empty",
                    )
                )
            return ()
        payload = self._only(args)
        try:
            return (self._adapter.validate_json(payload.data),)
        except ValidationError as error:
            raise malformed(error) from None

    @cached_property
    def _adapter(self) -> TypeAdapter[_R]:
        return TypeAdapter(self._kind)

    def refuse_unknown_fields(self, args: Sequence[object]) -> None:
        """Refuse a message that :meth:`read` can read, for its unknown fields.

        Raises:
            MessageRefusedError: it has some.
        """
        if self._kind is None:
            return
        try:
            self._adapter.validate_json(self._only(args).data, extra="forbid")
        except ValidationError as error:
            raise malformed(error) from None

    def _only(self, args: Sequence[object]) -> Any:
        """Return the payload of the only argument."""
        if len(args) == 1 and (reason := undecryptable_value(args[0])):
            raise MessageRefusedError(Text(_NOT_DECRYPTED, reason))
        if len(args) != 1:
            wrong = Text(f"渡された数：{len(args)}", f"{len(args)} came")
        elif not isinstance(args[0], RawValue) or args[0].payload.metadata.get("encoding") != _JSON:
            wrong = Text("形式はjson/plain", "send it as json/plain")
        else:
            return args[0].payload
        outline = self._outline()
        raise MessageRefusedError(
            Text(
                f"{self._what.ja}の引数には、{outline.ja}からなるJSONオブジェクトを"
                f"1つ指定してください（{wrong.ja}）",
                f"{self._what.en} takes one argument, a JSON object with {outline.en}; {wrong.en}",
            )
        )

    def _outline(self) -> Text:
        """Name the fields of the message; those that may be left out come last."""
        if not is_dataclass(self._kind):
            name = getattr(self._kind, "__name__", str(self._kind))
            return Text(name, name)
        optional = [each.name for each in fields(self._kind) if _may_be_left_out(each)]
        needed = ", ".join(each.name for each in fields(self._kind) if each.name not in optional)
        more = ", ".join(optional)
        if not more:
            return Text(needed, needed)
        return Text(f"{needed}（省略可：{more}）", f"{needed} (optional: {more})")

    def as_raw_handler(self, wrapper: Any, handler: Callable[..., Any]) -> Any:
        """Return ``wrapper``, which the SDK takes for a handler of one raw value.

        It takes what comes, however many, which the SDK knows no way to declare.
        """
        wrapper.__name__ = handler.__name__
        wrapper.__qualname__ = handler.__qualname__
        wrapper.__module__ = handler.__module__
        wrapper.__doc__ = handler.__doc__
        positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
        wrapper.__signature__ = inspect.Signature(
            [inspect.Parameter(each, positional) for each in ("self", "message")]
        )
        wrapper.__annotations__ = {"message": RawValue, "return": self._returns}
        return wrapper


def _may_be_left_out(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _refuse_unknown_fields(expected: "Expected[Any]", args: Sequence[object]) -> None:
    """Refuse a signal's unknown fields, but for those that a history has let through.

    Raises:
        MessageRefusedError: it has some.
    """
    try:
        expected.refuse_unknown_fields(args)
    except MessageRefusedError:
        if workflow.patched(_WITHOUT_UNKNOWN_FIELDS):
            raise


def undecryptable_value(value: object) -> str | None:
    """Return why the raw value of a message could not be decrypted; ``None`` if it could."""
    return undecryptable(value.payload) if isinstance(value, RawValue) else None


def _signals_of(cls: type) -> frozenset[str]:
    """Return the names of a workflow's signals."""
    definition = workflow._Definition.must_from_class(cls)  # noqa: SLF001 - the SDK shows it nowhere else
    return frozenset(name for name in definition.signals if name)
