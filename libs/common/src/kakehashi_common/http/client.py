"""A service's HTTP API as commands call it: a token, a request, a problem in one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx
import typer
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from kakehashi_common.settings import HttpUrl

TIMEOUT_SECONDS = 30.0


class ApiSettings(BaseSettings):
    """Settings of a service's commands: its API's address and token; each has its own prefix."""

    api_url: HttpUrl = Field(description="Where the API answers")
    token: SecretStr | None = Field(default=None, description="A bearer token for it")
    token_url: HttpUrl = Field(
        default="http://127.0.0.1:18090/token",
        description="Where a token is asked for when none is given: the local stack's issuer",
    )
    client_id: str = "cli"
    client_secret: SecretStr = SecretStr("demo")


class ApiError(RuntimeError):
    """The API refused or can't be reached; the message says what to do in one sentence."""


def token_option(prefix: str) -> Any:
    """Return the option of a command for the token of :class:`Api`."""
    return typer.Option(
        help=f"A bearer token; {prefix}TOKEN, or one of the local issuer's, if left out."
    )


class Api:
    """A client with a bearer token. Use as a context manager.

    Every method raises :class:`ApiError`.

    Args:
        settings: where the API is.
        scopes: what is asked of the issuer; a token that is given may hold fewer.
        token: goes before that of the settings.
    """

    def __init__(
        self, settings: ApiSettings, scopes: Sequence[str], token: str | None = None
    ) -> None:
        self.settings = settings
        self._scopes = tuple(scopes)
        self._http = httpx.Client(base_url=settings.api_url, timeout=TIMEOUT_SECONDS)
        if token is None and settings.token is not None:
            token = settings.token.get_secret_value()
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    @property
    def token(self) -> str:
        """The token given in the settings, else one of the issuer's."""
        if self._token is None:
            self._token = self._issued()
        return self._token

    def get(self, path: str, **parameters: str | int) -> Any:
        """Send a GET and return the answer's JSON."""
        return self._call("GET", path, params=parameters)

    def pages(self, path: str, **parameters: str | int) -> Iterator[Any]:
        """The items of a list, page after page."""
        cursor: str | None = None
        while True:
            extra = {} if cursor is None else {"cursor": cursor}
            answer = self.get(path, **parameters, **extra)
            yield from answer["items"]
            cursor = answer.get("next_cursor")
            if cursor is None:
                return

    def post(
        self, path: str, content: bytes, content_type: str, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Send a POST and return the answer's JSON."""
        stated = {"content-type": content_type, **(headers or {})}
        return self._call("POST", path, content=content, headers=stated)

    def put(self, path: str, content: bytes, content_type: str) -> Any:
        """Send a PUT and return the answer's JSON."""
        return self._call("PUT", path, content=content, headers={"content-type": content_type})

    def page(self, path: str) -> str:
        """Send a GET and return the answer as the text that it is, such as HTML."""
        return self._answered("GET", path).text

    def _call(self, method: str, path: str, **arguments: Any) -> Any:
        return self._answered(method, path, **arguments).json()

    def _answered(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}", **arguments.pop("headers", {})}
        try:
            answer = self._http.request(method, path, headers=headers, **arguments)
        except httpx.HTTPError as error:
            raise ApiError(f"no API at {self.settings.api_url}: {error}") from None
        if answer.is_error:
            raise ApiError(_problem(answer))
        return answer

    def _issued(self) -> str:
        settings = self.settings
        try:
            answer = self._http.post(
                settings.token_url,
                data={
                    "grant_type": "client_credentials",
                    "client_id": settings.client_id,
                    "client_secret": settings.client_secret.get_secret_value(),
                    "scope": " ".join(self._scopes),
                },
            )
            answer.raise_for_status()
            return str(answer.json()["access_token"])
        except (httpx.HTTPError, KeyError, ValueError) as error:
            prefix = settings.model_config.get("env_prefix", "")
            raise ApiError(
                f"no token from {settings.token_url} ({error}): give --token or {prefix}TOKEN"
            ) from None


def _problem(answer: httpx.Response) -> str:
    """RFC 9457 problem details as text, one line per field that is wrong."""
    try:
        problem = answer.json()
        said = str(problem.get("detail") or problem["title"])
        fields = [
            f"  {each.get('pointer') or each.get('parameter') or ''} {each['detail']}"
            for each in problem.get("errors") or ()
        ]
    except (ValueError, KeyError, AttributeError):
        return f"{answer.status_code} from {answer.request.url}"
    return "\n".join([f"{answer.status_code}: {said}", *fields])
