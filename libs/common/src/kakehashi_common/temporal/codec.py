"""Payloads as Temporal stores them: encrypted, by a key whose id travels with them.

A new key is rolled out in two steps: first every process gets it beside the old ones, then it
becomes the active one. Old keys stay for as long as a history that used them is kept.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.contrib.pydantic import PydanticJSONPlainPayloadConverter
from temporalio.converter import (
    CompositePayloadConverter,
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    DefaultPayloadConverter,
    EncodingPayloadConverter,
    JSONPlainPayloadConverter,
    PayloadCodec,
    PayloadConverter,
)

from kakehashi_common.errors import PermanentError
from kakehashi_common.settings import CodecKey, TemporalSettings
from kakehashi_common.temporal.refusals import MessageRefusedError

ENCODING = b"binary/encrypted"
"""The ``encoding`` of an encrypted payload; Temporal's own samples use the same."""
KEY_ID = "encryption-key-id"

_NONCE_BYTES = 12
"""As NIST SP 800-38D recommends for AES-GCM."""


class EncryptingCodec(PayloadCodec):
    """AES-256-GCM over whole payloads, metadata included. What is not encrypted is let through."""

    def __init__(self, keys: Iterable[CodecKey], active: str | None = None) -> None:
        """Prepare the keys.

        Args:
            keys: all keys that payloads may be encrypted with; at least one.
            active: id of the key that encrypts from now on; the first one when not given.
        """
        self._ciphers = {key.id: AESGCM(key.secret) for key in keys}
        self._active = active or next(iter(self._ciphers))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt with the active key."""
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt with the key that each payload names.

        Raises:
            PermanentError: the key is not known here (``unknown_codec_key``), or the payload was
                changed (``payload_changed``).
        """
        return [self._decrypt(payload) for payload in payloads]

    def _encrypt(self, payload: Payload) -> Payload:
        nonce = os.urandom(_NONCE_BYTES)
        key_id = self._active.encode()
        sealed = self._ciphers[self._active].encrypt(nonce, payload.SerializeToString(), key_id)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: key_id}, data=nonce + sealed)

    def _decrypt(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        key_id = payload.metadata.get(KEY_ID, b"")
        cipher = self._ciphers.get(key_id.decode("utf-8", "replace"))
        if cipher is None:
            raise PermanentError(
                f"the payload is encrypted with the key {key_id!r}; add that key to codec_keys",
                code="unknown_codec_key",
            )
        nonce, sealed = payload.data[:_NONCE_BYTES], payload.data[_NONCE_BYTES:]
        try:
            return Payload.FromString(cipher.decrypt(nonce, sealed, key_id))
        except (InvalidTag, ValueError):
            raise PermanentError(
                f"the payload can't be decrypted with the key {key_id!r}: it was changed, or the "
                "key's secret is another one",
                code="payload_changed",
            ) from None


class TolerantCodec(PayloadCodec):
    """A worker's codec: what can't be decrypted is handed on as that, and fails whoever reads it.

    An error here fails the whole workflow task, which is then retried for ever: one message that
    nobody can decrypt would stop a workflow for good.
    """

    def __init__(self, strict: PayloadCodec) -> None:
        """Decrypt as ``strict`` does, but for its refusals."""
        self._strict = strict

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt with the active key."""
        return await self._strict.encode(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt what can be decrypted; :func:`undecryptable` finds the others."""
        return [await self._decoded(payload) for payload in payloads]

    async def _decoded(self, payload: Payload) -> Payload:
        try:
            (decoded,) = await self._strict.decode([payload])
        except PermanentError as error:
            return Payload(metadata={"encoding": _UNDECRYPTABLE}, data=error.message.encode())
        return decoded


_UNDECRYPTABLE: Final = b"binary/undecryptable"
"""The ``encoding`` of what a worker could not decrypt; it never leaves the process."""


def undecryptable(payload: Payload) -> str | None:
    """Return why a worker could not decrypt a payload; ``None`` if it could."""
    if payload.metadata.get("encoding") != _UNDECRYPTABLE:
        return None
    return payload.data.decode("utf-8", "replace")


class _UndecryptableConverter(EncodingPayloadConverter):
    """Fails whoever reads a payload that could not be decrypted, and says why."""

    @property
    def encoding(self) -> str:
        return _UNDECRYPTABLE.decode()

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002 - no value becomes one
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002
        raise RuntimeError(undecryptable(payload))


def codec(settings: TemporalSettings) -> EncryptingCodec | None:
    """Return the codec that ``settings`` describe; ``None`` when they hold no key."""
    if not settings.codec_keys:
        return None
    return EncryptingCodec(settings.codec_keys, settings.codec_active_key)


_JSON: Final = PydanticJSONPlainPayloadConverter()


class SharedPydanticConverter(CompositePayloadConverter):
    """As Temporal's converter by pydantic, with one cache of type adapters for the whole process.

    Every workflow instance makes a converter of its own. With a cache of its own too it would build
    the adapters of its types again and keep them for as long as it is in memory.
    """

    def __init__(self) -> None:
        """Take the default converters, but for JSON the shared one."""
        super().__init__(
            *(
                _JSON if isinstance(each, JSONPlainPayloadConverter) else each
                for each in DefaultPayloadConverter.default_encoding_payload_converters
            ),
            _UndecryptableConverter(),
        )


PYDANTIC: Final = DataConverter(payload_converter_class=SharedPydanticConverter)
"""Values become JSON that anybody can read."""


class _EncryptedFailures(DefaultFailureConverterWithEncodedAttributes):
    """Says of a refusal the code and the field in the open, beside the encrypted text.

    The Temporal UI's dialog for updates decrypts nothing.
    """

    def to_failure(
        self, exception: BaseException, payload_converter: PayloadConverter, failure: Failure
    ) -> None:
        super().to_failure(exception, payload_converter, failure)
        if isinstance(exception, MessageRefusedError):
            failure.message = exception.outline


def data_converter(settings: TemporalSettings) -> DataConverter:
    """Return how values become payloads: by pydantic, encrypted when there are keys.

    With keys, messages and stack traces of failures are encrypted too: they quote data.
    """
    payload_codec = codec(settings)
    if payload_codec is None:
        return PYDANTIC
    return replace(
        PYDANTIC,
        payload_codec=payload_codec,
        failure_converter_class=_EncryptedFailures,
    )
