"""Authentication by OAuth 2 bearer tokens (JWT), verified with the issuer's published keys.

Sources: RFC 6750 (bearer tokens), RFC 7517 (JWK sets), RFC 9068 (JWT access tokens), RFC 8725
(best practice: asymmetric algorithms only, issuer and audience always checked).
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final, Protocol, runtime_checkable

import httpx
import structlog
from fastapi import Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from kakehashi_common import metrics
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.texts import forbidden_character
from kakehashi_common.errors import ForbiddenError, TransientError, UnauthenticatedError
from kakehashi_common.settings import AuthSettings

log = structlog.get_logger(__name__)

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Only asymmetric ones: a service that verifies tokens can't issue them."""

KEYS_FRESH_FOR = timedelta(minutes=10)
"""After this the keys are fetched again; a key that was withdrawn works that much longer."""

KEYS_KEPT_FOR = timedelta(hours=24)
"""Known keys are used for this long while the issuer is unavailable."""

MIN_FETCH_INTERVAL = timedelta(seconds=3)
"""Shortest interval between requests to an issuer that is unavailable."""

MAX_SUBJECT_LENGTH: Final = 255
"""Of a token's ``sub``. Source: OpenID Connect Core 1.0, section 2."""

_PRINCIPAL: Final = "kakehashi.principal"
"""The key in a request's scope of the verified principal: a token is verified once."""

_ONE_LINE: Final = re.compile(r"[^\t\r\n]+")

BEARER = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="An access token of the configured issuer, with the scope the operation names",
)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller and its scopes."""

    subject: str
    scopes: frozenset[str]


class TokenVerifier:
    """Verifies tokens of one issuer. Its keys are fetched on first use and cached."""

    def __init__(
        self,
        settings: AuthSettings,
        *,
        client: httpx.AsyncClient | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.token_url = settings.token_url
        """The token endpoint for browsers, where the issuer allows them."""
        self._settings = settings
        self._client = client or httpx.AsyncClient(timeout=5, follow_redirects=False)
        self._seconds = seconds
        self._keys: KeySet | None = None
        self._fetched_at = self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """Return the principal of ``token``.

        Raises:
            UnauthenticatedError: the token is malformed, expired, for somebody else, or signed by
                a key that is not the issuer's (``invalid_token``).
            TransientError: the issuer is unavailable and its keys were never seen.
        """
        keys = await self._current_keys()
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:
                # The issuer may have rotated its keys since.
                keys = await self._current_keys(renew=True)
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            self._claims().validate(decoded.claims)
        except ExpiredTokenError:
            raise _refused("the token has expired; ask the issuer for a new one") from None
        except InvalidKeyIdError:
            raise _refused("the token is signed by a key that is not the issuer's") from None
        except (JoseError, ValueError) as error:
            raise _refused(f"the token is not valid: {error}") from None
        return _principal(decoded.claims)

    async def ping(self) -> None:
        """Prove that tokens can be checked; for ``/readyz``.

        Raises:
            TransientError: the issuer is unavailable and its keys were never seen.
        """
        await self._current_keys()

    async def close(self) -> None:
        """Close the connection to the issuer."""
        await self._client.aclose()

    def _claims(self) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            leeway=self._settings.leeway_seconds,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.audience},
            exp={"essential": True},
        )

    async def _current_keys(self, *, renew: bool = False) -> KeySet:
        needed = self._keys is None or renew
        # A request that the known keys can serve does not wait for an issuer that hangs.
        if needed or (self._older_than(KEYS_FRESH_FOR) and not self._lock.locked()):
            async with self._lock:
                await self._fetch_unless_just_tried()
        if self._keys is None or self._older_than(KEYS_KEPT_FOR):
            raise TransientError("the token issuer's keys can't be fetched")
        return self._keys

    def _older_than(self, age: timedelta) -> bool:
        return self._seconds() - self._fetched_at > age.total_seconds()

    async def _fetch_unless_just_tried(self) -> None:
        now = self._seconds()
        if now - self._tried_at >= MIN_FETCH_INTERVAL.total_seconds():
            try:
                await self._fetch()
            finally:
                # Set at the end: a request that timed out counts from its time-out.
                self._tried_at = self._seconds()

    async def _fetch(self) -> None:
        try:
            answer = await self._client.get(self._settings.jwks_url)
            answer.raise_for_status()
            self._keys = KeySet.import_key_set(answer.json())
            self._fetched_at = self._seconds()
        except (httpx.HTTPError, JoseError, ValueError, KeyError, TypeError) as error:
            metrics.JWKS_FAILURES.add(1)
            log.warning(
                "token issuer's keys can't be fetched",
                url=self._settings.jwks_url,
                reason=str(error) or type(error).__name__,
                known_keys=0 if self._keys is None else len(self._keys.keys),
            )


@runtime_checkable
class Gate(Protocol):
    """A dependency of a route that admits or refuses a request before anything else of it is read.

    :func:`kakehashi_common.http.app.create_app` asks the gates of an operation first: nobody
    without a token learns what is wrong with a request, or has its body buffered.
    """

    scope: str
    """The scope that a token has to grant."""

    async def admit(self, request: Request) -> object:
        """Let ``request`` pass. Read nothing of it but its path, query and headers.

        Raises:
            UnauthenticatedError: it is missing or invalid.
            ForbiddenError: whom it proves may not do this.
            TransientError: the keys can't be fetched now.
        """
        ...


@dataclass(frozen=True, slots=True)
class RequiredScope:
    """The gate for bearer tokens that grant ``scope``; as a dependency it gives the principal."""

    scope: str

    async def admit(self, request: Request) -> Principal:
        """Let a token with the scope pass, see :class:`Gate`; return whose it is."""
        who: Principal | None = request.scope.get(_PRINCIPAL)
        if who is None:
            credentials = await BEARER(request)
            if credentials is None:
                raise UnauthenticatedError(
                    "send a bearer token in the Authorization header", field="Authorization"
                )
            verifier: TokenVerifier = request.app.state.verifier
            who = request.scope[_PRINCIPAL] = await verifier.verify(credentials.credentials)
        if self.scope not in who.scopes:
            raise ForbiddenError(f"this needs a token with the scope {self.scope}")
        return who

    async def __call__(
        self,
        request: Request,
        _described: Annotated[HTTPAuthorizationCredentials | None, Security(BEARER)],
    ) -> Principal:
        """Return who is asking."""
        return await self.admit(request)


def require_scope(scope: str) -> RequiredScope:
    """Return a FastAPI dependency that lets only tokens with ``scope`` pass.

    ::

        @router.get("/v1/leads")
        async def leads(
            who: Annotated[Principal, Depends(require_scope("lead-scoring:read"))]
        ): ...

    The application must have been made with a ``verifier``. Without or with a bad token the answer
    is 401, without the scope 403.
    """
    return RequiredScope(scope)


def _principal(claims: dict[str, Any]) -> Principal:
    subject = claims.get("sub") or claims.get("client_id") or claims.get("azp")
    if not isinstance(subject, str):
        raise _refused("the token does not say for whom it is (sub)")
    if len(subject) > MAX_SUBJECT_LENGTH:
        raise _refused(f"the token's subject has more than {MAX_SUBJECT_LENGTH} characters")
    if forbidden_character(subject) is not None or not _ONE_LINE.fullmatch(subject):
        raise _refused("the token's subject (sub) holds a control character")
    granted = claims.get("scope", claims.get("scp"))
    scopes = granted.split() if isinstance(granted, str) else granted or ()
    if not isinstance(scopes, Iterable):
        raise _refused("the token's scope is no text")
    return Principal(subject, frozenset(str(scope) for scope in scopes))


def _refused(reason: str) -> UnauthenticatedError:
    return UnauthenticatedError(reason, code="invalid_token", field="Authorization")


def actor_of(request: Request, principal: Principal) -> Actor:
    """Return the subject of the token, with the caller's address and the request's id."""
    host = "unknown" if request.client is None else request.client.host
    return Actor(principal.subject, f"{host} {request.scope.get('request_id', '')}".rstrip())


def origin_of(request: Request, who: Principal, by: str | None) -> str:
    """Return where a message came from, with the subject of the token if it isn't who acts."""
    origin = actor_of(request, who).origin
    return origin if by in (None, who.subject) else f"{who.subject} {origin}"
