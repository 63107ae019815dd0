import base64
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from google.protobuf import json_format
from pydantic import BaseModel, ValidationError
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.failure.v1 import Failure

from kakehashi_common.domain.texts import Text
from kakehashi_common.errors import PermanentError
from kakehashi_common.runtime.codec_server import CodecServerSettings, codec_app
from kakehashi_common.settings import AuthSettings, CodecKey, TemporalSettings
from kakehashi_common.temporal.codec import (
    ENCODING,
    PYDANTIC,
    EncryptingCodec,
    SharedPydanticConverter,
    codec,
    data_converter,
)
from kakehashi_common.temporal.refusals import MessageRefusedError

OLD = CodecKey(id="2025", secret=b"o" * 32)
NEW = CodecKey(id="2026", secret=b"n" * 32)
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data='{"name":"田中"}'.encode())


async def test_a_payload_is_unreadable_and_comes_back_whole() -> None:
    codec = EncryptingCodec([NEW])

    (sealed,) = await codec.encode([PLAIN])

    assert sealed.metadata["encoding"] == ENCODING
    assert sealed.metadata["encryption-key-id"] == b"2026"
    assert "田中".encode() not in sealed.SerializeToString()
    assert await codec.decode([sealed]) == [PLAIN]


async def test_the_same_payload_never_looks_the_same() -> None:
    first, second = await EncryptingCodec([NEW]).encode([PLAIN, PLAIN])

    assert first.data != second.data


async def test_keys_rotate_without_losing_old_payloads() -> None:
    (old,) = await EncryptingCodec([OLD]).encode([PLAIN])
    both = EncryptingCodec([OLD, NEW], active="2026")

    (new,) = await both.encode([PLAIN])

    assert new.metadata["encryption-key-id"] == b"2026"
    assert await both.decode([old, new]) == [PLAIN, PLAIN]


async def test_what_was_never_encrypted_is_let_through() -> None:
    assert await EncryptingCodec([NEW]).decode([PLAIN]) == [PLAIN]


async def test_an_unknown_key_is_named() -> None:
    (old,) = await EncryptingCodec([OLD]).encode([PLAIN])

    with pytest.raises(PermanentError, match="2025") as refused:
        await EncryptingCodec([NEW]).decode([old])

    assert refused.value.code == "unknown_codec_key"


@pytest.mark.parametrize("change", ["data", "key id", "truncated"])
async def test_a_changed_payload_is_refused(change: str) -> None:
    both = EncryptingCodec([NEW, OLD])
    (sealed,) = await both.encode([PLAIN])
    if change == "data":
        sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    elif change == "key id":
        sealed.metadata["encryption-key-id"] = b"2025"
    else:
        sealed.data = sealed.data[:10]

    with pytest.raises(PermanentError) as refused:
        await both.decode([sealed])

    assert refused.value.code == "payload_changed"


def test_without_keys_payloads_stay_readable() -> None:
    assert codec(TemporalSettings()) is None
    assert data_converter(TemporalSettings()) is PYDANTIC


class Person(BaseModel):
    name: str


async def test_values_go_through_pydantic_and_the_codec() -> None:
    converter = data_converter(TemporalSettings(codec_keys=(NEW,)))

    sealed = await converter.encode([Person(name="田中")])

    assert sealed[0].metadata["encoding"] == ENCODING
    assert await converter.decode(sealed, [Person]) == [Person(name="田中")]


KEYS = f"2026:{base64.b64encode(NEW.secret).decode()}"
UI = "http://127.0.0.1:18233"


@pytest_asyncio.fixture(loop_scope="session")
async def server() -> AsyncIterator[httpx.AsyncClient]:
    app = codec_app(CodecServerSettings.model_validate({"keys": KEYS}))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://codec"
    ) as client:
        yield client


async def test_the_ui_reads_payloads_through_the_codec_server(server: httpx.AsyncClient) -> None:
    plain = json_format.MessageToJson(Payloads(payloads=[PLAIN]))

    sealed = await server.post("/encode", content=plain, headers={"Origin": UI})
    again = await server.post("/decode", content=sealed.content, headers={"Origin": UI})

    assert json.loads(sealed.content)["payloads"][0]["metadata"]["encoding"]
    assert json.loads(again.content) == json.loads(plain)
    assert again.headers["access-control-allow-origin"] == UI


DECODE = "/decode?preserveStorageRefs=true"
"""As Temporal UI 2.50 posts it."""


async def test_the_browser_may_send_what_the_ui_sends(server: httpx.AsyncClient) -> None:
    answer = await server.options(
        DECODE,
        headers={
            "Origin": UI,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type,x-namespace,authorization",
        },
    )

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == UI
    allowed = answer.headers["access-control-allow-headers"].replace(" ", "")
    assert {"content-type", "x-namespace", "authorization"} <= set(allowed.split(","))


async def test_what_a_newer_ui_sends_besides_is_ignored(server: httpx.AsyncClient) -> None:
    (sealed,) = await EncryptingCodec([NEW]).encode([PLAIN])
    body = json.loads(json_format.MessageToJson(Payloads(payloads=[sealed])))
    body["payloads"][0]["externalPayloads"] = [{"sizeBytes": "1"}]
    body["page"] = 1

    answer = await server.post(
        DECODE,
        content=json.dumps(body),
        headers={
            "Origin": UI,
            "Content-Type": "application/json",
            "X-Namespace": "default",
            "X-Tomorrow": "?",
        },
    )

    assert answer.status_code == 200, answer.text
    assert json_format.Parse(answer.content, Payloads()).payloads == [PLAIN]
    assert answer.headers["access-control-allow-origin"] == UI


async def test_a_body_that_is_no_list_of_payloads_is_named(server: httpx.AsyncClient) -> None:
    answer = await server.post("/decode", content=b"[1")

    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_with_auth_an_operator_needs_a_token() -> None:
    auth = AuthSettings(jwks_url="http://issuer.test/jwks", issuer="http://issuer.test")
    app = codec_app(CodecServerSettings.model_validate({"keys": KEYS, "auth": auth}))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://codec"
    ) as client:
        assert (await client.post("/decode", content=b"{}")).status_code == 401


def test_workflows_share_what_is_known_of_a_type() -> None:
    one, other = SharedPydanticConverter(), PYDANTIC.payload_converter_class()
    assert isinstance(other, SharedPydanticConverter)
    assert one.converters[b"json/plain"] is other.converters[b"json/plain"]


def test_without_auth_it_listens_on_the_loopback_address_only() -> None:
    with pytest.raises(ValidationError, match=r"127\.0\.0\.1 only"):
        CodecServerSettings.model_validate({"keys": KEYS, "host": "0.0.0.0"})  # noqa: S104


@pytest.mark.parametrize(
    ("refusal", "shown"),
    [
        (
            MessageRefusedError(Text("田中：選択できない値です", "田中: wrong"), field="by"),
            (
                "受け付けられません（理由コード：message_malformed、項目：by） / "
                "refused: message_malformed, field by"
            ),
        ),
        (
            MessageRefusedError(Text("田中", "田中"), field="田中", code="not_the_owner"),
            "受け付けられません（理由コード：not_the_owner） / refused: not_the_owner",
        ),
        (ValueError("田中"), "Encoded failure"),
    ],
)
async def test_an_encrypted_refusal_says_its_code_and_field_in_the_open(
    refusal: Exception, shown: str
) -> None:
    converter = data_converter(TemporalSettings(codec_keys=(NEW,)))
    failure = Failure()
    await converter.encode_failure(refusal, failure)
    assert failure.message == shown
    assert "田中".encode() not in failure.SerializeToString()
    decoded = await converter.decode_failure(failure)
    assert str(decoded).removeprefix("ValueError: ") == str(refusal)
