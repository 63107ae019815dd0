"""``/v1/rules``: what a score is made of, version by version."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, Field, TypeAdapter
from ruamel.yaml import YAML

from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.texts import Text
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.idempotency import idempotent_request
from kakehashi_common.http.problems import Problem
from kakehashi_common.http.yaml_files import (
    YAML_TYPE,
    FileProblem,
    answer_file,
    read_yaml_body,
    yaml_body,
)
from lead_scoring.rule_publishing.preview import MAX_SCORED, Preview
from lead_scoring.rule_publishing.queries import RuleQueries
from lead_scoring.rule_publishing.service import RulePublishing
from lead_scoring.rules import file as rules_file
from lead_scoring.rules.repository import StoredRules
from lead_scoring.scopes import PUBLISH_RULES, READ

Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
_SORT_KEY: Final = TypeAdapter(tuple[Annotated[int, Field(ge=1, le=2**31 - 1)]])


class RulesOut(BaseModel):
    """One published version."""

    version: int
    name: str = Field(examples=["municipal"])
    checksum: str = Field(description="Of what can change a score; not of comments or layout")
    published_by: str
    published_at: JapanTime
    in_force: bool
    rescored_at: JapanTime | None = Field(
        default=None, description="When every lead had been scored by it; absent while under way"
    )
    rescored_leads: int | None = None
    changed_grades: int | None = None

    @classmethod
    def of(cls, stored: StoredRules, newest: int | None) -> "RulesOut":
        """Show one version."""
        return cls(**_fields(stored, newest))


class RulesWithContentOut(RulesOut):
    """One published version with its rules."""

    content: dict[str, Any] = Field(description="The rule file as JSON")
    document: str = Field(description="The rule file (YAML) as it was published")

    @classmethod
    def of(cls, stored: StoredRules, newest: int | None) -> "RulesWithContentOut":
        """Show one version with its rules."""
        content = YAML(typ="safe", pure=True).load(stored.document)
        return cls(content=content, document=stored.document, **_fields(stored, newest))


class DifferenceOut(BaseModel):
    """One difference between two versions."""

    where: str = Field(examples=["engagement.pricing_page.points"])
    before: str | None = Field(default=None, description="Absent where only the second has it")
    after: str | None = Field(default=None, description="Absent where only the first has it")


class DifferencesOut(BaseModel):
    """Everything that two versions say differently."""

    before: int
    after: int
    differences: list[DifferenceOut]


class PublicationOut(BaseModel):
    """The result of publishing."""

    version: int
    name: str
    created: bool = Field(description="False when the rules in force say the same already")
    workflow_id: str = Field(
        description="The Temporal workflow that scores every lead by them", examples=["rescore/12"]
    )
    rescore_started: bool = Field(
        description="False while Temporal is unavailable: new events are scored by the new rules "
        "already, and the re-score starts by itself"
    )


class GradeMoveOut(BaseModel):
    """Leads that would go from one grade to another."""

    before: str = Field(examples=["B2"])
    after: str = Field(examples=["A2"])
    leads: int


class PreviewOut(BaseModel):
    """The changes of grade today if a rule file were published."""

    leads: int = Field(description="How many there are")
    scored: int = Field(
        description="How many were scored by both rule sets: all, or a random sample of about "
        f"{MAX_SCORED:,}"
    )
    changed_grades: int = Field(description="How many of the scored ones would get another grade")
    moves: list[GradeMoveOut] = Field(description="The most frequent first")

    @classmethod
    def of(cls, preview: Preview) -> "PreviewOut":
        """Show a preview."""
        moves = sorted(preview.moves.items(), key=lambda move: (-move[1], move[0]))
        return cls(
            leads=preview.leads,
            scored=preview.scored,
            changed_grades=preview.changed,
            moves=[
                GradeMoveOut(before=before, after=after, leads=leads)
                for (before, after), leads in moves
            ],
        )


class RuleFileProblem(FileProblem):
    """The rule file can't be used; the published rules stay."""


_DOCUMENT: Final = yaml_body(
    "A rule file",
    {
        rules_file.MUNICIPAL: {
            "summary": "The rules that ship",
            "value": rules_file.shipped(rules_file.MUNICIPAL),
        }
    },
)


def router(queries: RuleQueries, publishing: RulePublishing, *, id_prefix: str = "") -> APIRouter:
    """The routes that read rules from ``queries`` and put them in force by ``publishing``."""
    routes = APIRouter(prefix="/v1/rules", tags=["rules"])
    may_read = [Depends(require_scope(READ))]

    @routes.get("", dependencies=may_read)
    async def list_rules(
        cursor: Annotated[str | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Page[RulesOut]:
        """Every version, the one in force first."""
        last_seen = decode_cursor("rules", cursor, _SORT_KEY)
        before = None if last_seen is None else last_seen[0]
        rows, newest = await queries.versions(before, limit + 1)
        shown, next_cursor = page("rules", rows, limit, lambda stored: (stored.version,))
        return Page(items=[RulesOut.of(each, newest) for each in shown], next_cursor=next_cursor)

    @routes.get(
        "/{version:int}",  # so that /preview answers GET as a path without it
        dependencies=may_read,
        response_model=RulesWithContentOut,
        responses={200: {"content": {YAML_TYPE: {"schema": {"description": "The rule file"}}}}},
    )
    async def get_rules(
        version: Version,
        representation: Annotated[Literal["json", "yaml"], Query(alias="format")] = "json",
    ) -> Response | RulesWithContentOut:
        """One version: as JSON, or the YAML file as it was published."""
        stored, newest = await queries.version(version)
        if representation == "yaml":
            return Response(stored.document, media_type=YAML_TYPE)
        # A long document takes seconds to read: a thread keeps other requests going.
        return await asyncio.to_thread(RulesWithContentOut.of, stored, newest)

    @routes.get("/{before}/diff/{after}", dependencies=may_read)
    async def diff_rules(before: Version, after: Version) -> DifferencesOut:
        """Return the differences between two versions, in the words of a rule file."""
        found = await queries.differences(before, after)
        return DifferencesOut(
            before=before,
            after=after,
            differences=[
                DifferenceOut(where=each.where, before=each.before, after=each.after)
                for each in found
            ],
        )

    @routes.post(
        "/preview",
        dependencies=may_read,
        openapi_extra=_DOCUMENT,
        responses={
            422: {
                "model": RuleFileProblem | Problem,
                "description": "Every mistake with line and column",
            },
        },
    )
    async def preview_rules(request: Request) -> PreviewOut:
        """Say how many leads would change grade if a rule file were published; change nothing."""
        return PreviewOut.of(await queries.preview(await read_yaml_body(request)))

    @routes.post(
        "",
        status_code=HTTPStatus.ACCEPTED,
        openapi_extra=_DOCUMENT,
        responses={
            200: {"model": PublicationOut, "description": "The rules in force say the same"},
            202: {"description": "In force; every lead is being scored again"},
            422: {
                "model": RuleFileProblem | Problem,
                "description": "Every mistake with line and column",
            },
        },
    )
    async def publish_rules(
        request: Request,
        response: Response,
        who: Annotated[Principal, Depends(require_scope(PUBLISH_RULES))],
        idempotency_key: Annotated[Text | None, Header(min_length=1, max_length=255)] = None,
    ) -> PublicationOut:
        """Put a rule file in force: for new events at once, for every lead by a workflow."""
        document = await read_yaml_body(request)
        publication = await publishing.publish(
            document,
            actor_of(request, who),
            request=await idempotent_request(request, who, idempotency_key),
        )
        stored = publication.rules
        if not publication.created:
            response.status_code = HTTPStatus.OK
        response.headers["Location"] = f"/v1/rules/{stored.version}"
        return PublicationOut(
            version=stored.version,
            name=stored.name,
            created=publication.created,
            workflow_id=f"{id_prefix}rescore/{stored.version}",
            rescore_started=publication.rescore_started,
        )

    return routes


def refused(request: Request, error: rules_file.RulesFileError) -> Response:
    """Answer a rule file that can't be used."""
    return answer_file(
        request,
        error,
        code="invalid_rules",
        stays="The published rules stay in force.",
        model=RuleFileProblem,
    )


def _fields(stored: StoredRules, newest: int | None) -> dict[str, Any]:
    return {
        "version": stored.version,
        "name": stored.name,
        "checksum": stored.checksum,
        "published_by": stored.published_by,
        "published_at": stored.published_at,
        "in_force": stored.version == newest,
        "rescored_at": stored.rescored_at,
        "rescored_leads": stored.rescored_leads,
        "changed_grades": stored.changed_grades,
    }
