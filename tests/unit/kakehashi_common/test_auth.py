"""Tokens of the local issuer, proved by the verifier that production uses."""

import asyncio
import base64
import json
import stat
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from pydantic import SecretStr, ValidationError

from kakehashi_common import auth
from kakehashi_common.auth import Principal, TokenVerifier, require_scope
from kakehashi_common.errors import TransientError, UnauthenticatedError
from kakehashi_common.http.app import create_app
from kakehashi_common.runtime.issuer import Issuer, IssuerSettings, issuer_app
from kakehashi_common.settings import AuthSettings, HttpSettings
from tests.support.waiting import eventually

ISSUER = "http://issuer.test"
SETTINGS = AuthSettings(jwks_url=f"{ISSUER}/.well-known/jwks.json", issuer=ISSUER)


class FakeNetwork(httpx.AsyncBaseTransport):
    """Reaches the issuer, or nothing; counts how often it was asked."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.away = False
        self.asked = 0
        self.answers = asyncio.Event()
        """Cleared while the issuer takes requests and says nothing."""
        self.answers.set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        await self.answers.wait()
        if self.away:
            raise httpx.ConnectError("refused")
        return await httpx.ASGITransport(issuer_app(self.issuer)).handle_async_request(request)


class Stopwatch:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by.total_seconds()


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer(IssuerSettings(key_file=tmp_path / "key.json", url=ISSUER))


@pytest.fixture
def network(issuer: Issuer) -> FakeNetwork:
    return FakeNetwork(issuer)


@pytest.fixture
def seconds() -> Stopwatch:
    return Stopwatch()


@pytest_asyncio.fixture(loop_scope="session")
async def verifier(network: FakeNetwork, seconds: Stopwatch) -> AsyncIterator[TokenVerifier]:
    verifier = TokenVerifier(SETTINGS, client=httpx.AsyncClient(transport=network), seconds=seconds)
    yield verifier
    await verifier.close()


def other_issuer(tmp_path: Path) -> Issuer:
    return Issuer(IssuerSettings(key_file=tmp_path / "other.json", url=ISSUER))


async def test_a_token_says_who_asks_and_what_they_may(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    who = await verifier.verify(issuer.token("crm", ["lead-scoring:read", "lead-scoring:write"]))

    assert who == Principal("crm", frozenset({"lead-scoring:read", "lead-scoring:write"}))


def forged(claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
    key = ECKey.generate_key("P-256", auto_kid=True)
    return jwt.encode({"alg": "ES256", "kid": key.kid, **(header or {})}, claims, key)


def changed(token: str, **claims: Any) -> str:
    head, body, signature = token.split(".")
    padded = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    altered = json.dumps({**padded, **claims}).encode()
    return f"{head}.{base64.urlsafe_b64encode(altered).decode().rstrip('=')}.{signature}"


def unsigned() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{head}.{base64.urlsafe_b64encode(b'{}').decode().rstrip('=')}."


def signed_with_the_public_key(issuer: Issuer) -> str:
    """The classic confusion of algorithms: the published key used as a shared secret."""
    (public,) = issuer.key_set()["keys"]
    secret = OctKey.import_key(json.dumps(public))
    claims = {"iss": ISSUER, "aud": "kakehashi", "sub": "eve", "exp": int(time.time()) + 60}
    return jwt.encode({"alg": "HS256", "kid": public["kid"]}, claims, secret)


async def test_a_subject_may_be_as_long_as_openid_says(
    verifier: TokenVerifier, issuer: Issuer
) -> None:
    assert (await verifier.verify(issuer.token("s" * 255, []))).subject == "s" * 255


@pytest.mark.parametrize(
    "kind",
    ["text", "forged", "altered", "unsigned", "confused", "nobody", "long", "control"],
)
async def test_a_token_that_is_not_the_issuers_is_refused(
    verifier: TokenVerifier, issuer: Issuer, kind: str
) -> None:
    claims = {"iss": ISSUER, "aud": "kakehashi", "sub": "eve", "exp": int(time.time()) + 60}
    tokens = {
        "text": "not a token",
        "forged": forged(claims),
        "altered": changed(issuer.token("crm", []), scope="lead-scoring:write"),
        "unsigned": unsigned(),
        "confused": signed_with_the_public_key(issuer),
        "nobody": issuer.token("", []),
        "long": issuer.token("s" * 256, []),
        "control": issuer.token("crm\x1b[2J", []),
    }

    with pytest.raises(UnauthenticatedError) as refused:
        await verifier.verify(tokens[kind])

    assert refused.value.code == "invalid_token"


@pytest.mark.parametrize(
    ("stated", "granted"),
    [
        ({}, set()),
        ({"scope": None}, set()),
        ({"scope": "a b"}, {"a", "b"}),
        ({"scp": ["a", "b"]}, {"a", "b"}),
        ({"scope": 7}, None),
    ],
)
async def test_scopes_are_read_however_the_issuer_states_them(
    verifier: TokenVerifier, issuer: Issuer, stated: dict[str, object], granted: set[str] | None
) -> None:
    key = issuer._key  # noqa: SLF001 - the issuer itself states them one way only
    claims = {"iss": ISSUER, "aud": "kakehashi", "sub": "crm", "exp": int(time.time()) + 60}
    token = jwt.encode({"alg": "ES256", "kid": key.kid}, claims | stated, key)
    if granted is None:
        with pytest.raises(UnauthenticatedError, match="scope"):
            await verifier.verify(token)
    else:
        assert (await verifier.verify(token)).scopes == granted


async def test_an_expired_token_is_refused(verifier: TokenVerifier, issuer: Issuer) -> None:
    with pytest.raises(UnauthenticatedError, match="has expired"):
        await verifier.verify(issuer.token("crm", [], timedelta(minutes=-5)))


@pytest.mark.parametrize(
    "settings",
    [{"issuer": "http://somebody.else"}, {"audience": "another-system"}],
)
async def test_a_token_for_somebody_else_is_refused(
    network: FakeNetwork, issuer: Issuer, settings: dict[str, str]
) -> None:
    strict = TokenVerifier(
        SETTINGS.model_copy(update=settings), client=httpx.AsyncClient(transport=network)
    )

    with pytest.raises(UnauthenticatedError):
        await strict.verify(issuer.token("crm", []))
    await strict.close()


async def test_keys_are_fetched_once_while_they_are_fresh(
    verifier: TokenVerifier, issuer: Issuer, network: FakeNetwork, seconds: Stopwatch
) -> None:
    for _ in range(5):
        await verifier.verify(issuer.token("crm", []))
    assert network.asked == 1

    seconds.advance(auth.KEYS_FRESH_FOR + timedelta(seconds=1))
    await verifier.verify(issuer.token("crm", []))
    assert network.asked == 2


async def test_a_rotated_key_is_found_at_once(
    verifier: TokenVerifier,
    issuer: Issuer,
    network: FakeNetwork,
    seconds: Stopwatch,
    tmp_path: Path,
) -> None:
    await verifier.verify(issuer.token("crm", []))
    network.issuer = other_issuer(tmp_path)
    seconds.advance(auth.MIN_FETCH_INTERVAL)

    assert (await verifier.verify(network.issuer.token("crm", []))).subject == "crm"


async def test_unknown_keys_do_not_make_us_hammer_the_issuer(
    verifier: TokenVerifier, network: FakeNetwork
) -> None:
    claims = {"iss": ISSUER, "aud": "kakehashi", "sub": "eve", "exp": int(time.time()) + 60}
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            await verifier.verify(forged(claims))

    assert network.asked == 1


async def test_known_keys_serve_while_the_issuer_is_away(
    verifier: TokenVerifier, issuer: Issuer, network: FakeNetwork, seconds: Stopwatch
) -> None:
    await verifier.verify(issuer.token("crm", []))
    network.away = True
    seconds.advance(timedelta(hours=2))
    assert (await verifier.verify(issuer.token("crm", []))).subject == "crm"

    seconds.advance(auth.KEYS_KEPT_FOR)
    with pytest.raises(TransientError):
        await verifier.verify(issuer.token("crm", []))


async def test_a_hanging_issuer_holds_up_one_request_and_no_other(
    verifier: TokenVerifier, issuer: Issuer, network: FakeNetwork, seconds: Stopwatch
) -> None:
    await verifier.verify(issuer.token("crm", []))
    network.answers.clear()
    seconds.advance(auth.KEYS_FRESH_FOR + timedelta(seconds=1))
    held_up = asyncio.create_task(verifier.verify(issuer.token("first", [])))
    await eventually(lambda: network.asked == 2)

    assert (await verifier.verify(issuer.token("crm", []))).subject == "crm"
    assert network.asked == 2
    network.away = True
    seconds.advance(timedelta(seconds=5))
    network.answers.set()
    assert (await held_up).subject == "first"
    assert (await verifier.verify(issuer.token("crm", []))).subject == "crm"
    assert network.asked == 2


async def test_without_any_key_it_is_our_trouble_and_mends_itself(
    verifier: TokenVerifier, issuer: Issuer, network: FakeNetwork, seconds: Stopwatch
) -> None:
    network.away = True
    with pytest.raises(TransientError):
        await verifier.verify(issuer.token("crm", []))
    with pytest.raises(TransientError):
        await verifier.ping()

    network.away = False
    seconds.advance(auth.MIN_FETCH_INTERVAL)
    await verifier.ping()


@pytest_asyncio.fixture(loop_scope="session")
async def api(verifier: TokenVerifier) -> AsyncIterator[httpx.AsyncClient]:
    routes = APIRouter()

    @routes.get("/leads")
    async def leads(who: Annotated[Principal, Depends(require_scope("lead-scoring:read"))]) -> str:
        return who.subject

    app = create_app(
        title="example",
        version="1",
        description="An example",
        settings=HttpSettings(),
        checks={},
        routers=[routes],
        verifier=verifier,
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test"
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("scopes", "status", "code", "challenge"),
    [
        (None, 401, "unauthenticated", "Bearer"),
        (["lead-scoring:read"], 200, None, None),
        (["lead-scoring:write"], 403, "forbidden", None),
    ],
)
async def test_an_operation_asks_for_its_scope(
    api: httpx.AsyncClient,
    issuer: Issuer,
    scopes: list[str] | None,
    status: int,
    code: str | None,
    challenge: str | None,
) -> None:
    headers = {} if scopes is None else {"Authorization": f"Bearer {issuer.token('crm', scopes)}"}
    answer = await api.get("/leads", headers=headers)

    assert answer.status_code == status
    assert answer.headers.get("www-authenticate") == challenge
    assert answer.json() == "crm" if code is None else answer.json()["code"] == code


async def test_a_bad_token_is_named_as_such(api: httpx.AsyncClient) -> None:
    answer = await api.get("/leads", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["code"] == "invalid_token"


async def test_the_issuer_grants_client_credentials(
    issuer: Issuer, verifier: TokenVerifier
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(issuer_app(issuer)), base_url=ISSUER
    ) as client:
        metadata = (await client.get("/.well-known/openid-configuration")).json()
        grant = {"grant_type": "client_credentials", "scope": "lead-scoring:read"}
        answer = await client.post(metadata["token_endpoint"], data=grant, auth=("crm", "demo"))
        wrong = await client.post("/token", data=grant, auth=("crm", "wrong"))
        other = await client.post("/token", data={"grant_type": "password"})

    assert metadata["jwks_uri"] == SETTINGS.jwks_url
    assert (await verifier.verify(answer.json()["access_token"])).subject == "crm"
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert (other.status_code, other.json()["error"]) == (400, "unsupported_grant_type")


def test_the_issuers_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "key.json"
    settings = IssuerSettings(key_file=file, url=ISSUER)

    first, second = Issuer(settings), Issuer(settings)

    assert first.key_set() == second.key_set()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "d" not in first.key_set()["keys"][0]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "issuer"])  # noqa: S104 - refused
def test_with_the_demo_secret_the_issuer_listens_on_the_loopback_address_only(host: str) -> None:
    with pytest.raises(ValidationError, match="KAKEHASHI_ISSUER_SECRET"):
        IssuerSettings(host=host)

    assert IssuerSettings(host=host, secret=SecretStr("a better one")).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_with_the_demo_secret_the_issuer_serves_its_own_machine(host: str) -> None:
    assert IssuerSettings(host=host).host == host


@pytest.mark.parametrize(("secret", "status"), [("a better one", 200), ("demo", 401)])
async def test_the_issuer_accepts_its_configured_secret_only(
    tmp_path: Path, secret: str, status: int
) -> None:
    configured = IssuerSettings(key_file=tmp_path / "key.json", secret=SecretStr("a better one"))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(issuer_app(Issuer(configured))), base_url=ISSUER
    ) as client:
        form = {"grant_type": "client_credentials", "client_id": "me", "client_secret": secret}
        answer = await client.post("/token", data=form)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://127.0.0.1:18080", True),
        ("http://localhost:18180", True),
        ("https://evil.example", False),
        ("http://127.0.0.1.evil.example", False),
    ],
)
async def test_a_page_of_the_local_stack_may_ask_the_issuer(
    issuer: Issuer,
    origin: str,
    allowed: bool,  # noqa: FBT001
) -> None:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(issuer_app(issuer)), base_url=ISSUER
    ) as client:
        asked = {
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,x-requested-with",
        }
        before = await client.options("/token", headers=asked)
        grant = {"grant_type": "client_credentials", "scope": "lead-scoring:read"}
        answer = await client.post(
            "/token", data=grant, auth=("docs", "demo"), headers={"origin": origin}
        )

    assert (before.status_code == 200) is allowed
    assert (answer.headers.get("access-control-allow-origin") == origin) is allowed


def test_the_description_says_where_to_ask_for_a_token_when_it_is_known() -> None:
    routes = APIRouter(dependencies=[Depends(require_scope("lead-scoring:read"))])

    @routes.get("/leads")
    async def leads() -> None: ...

    def description(token_url: str | None) -> dict[str, Any]:
        app = create_app(
            title="example",
            version="1",
            description="An example",
            settings=HttpSettings(),
            checks={},
            routers=[routes],
            verifier=TokenVerifier(SETTINGS.model_copy(update={"token_url": token_url})),
        )
        return app.openapi()

    known, unknown = description(f"{ISSUER}/token"), description(None)
    assert known["components"]["securitySchemes"]["OAuth2"]["flows"] == {
        "clientCredentials": {"tokenUrl": f"{ISSUER}/token", "scopes": {"lead-scoring:read": ""}}
    }
    assert known["paths"]["/leads"]["get"]["security"] == [
        {"HTTPBearer": []},
        {"OAuth2": ["lead-scoring:read"]},
    ]
    assert unknown["paths"]["/leads"]["get"]["security"] == [{"HTTPBearer": []}]
