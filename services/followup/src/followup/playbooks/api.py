"""``/v1/playbooks``: who is contacted, by which steps, version by version."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from followup.playbooks.previewing import Previews
from followup.playbooks.reading import PlaybookFileError
from followup.playbooks.schemas import (
    PlaybookDocumentOut,
    PlaybookDraftOut,
    PlaybookOut,
    PlaybookPreviewOut,
    PlaybooksOut,
    PlaybookVersionOut,
    PlaybookVersionsOut,
    PlaybookWithDraftOut,
    PublishedOut,
    RollBackIn,
)
from followup.playbooks.service import Playbooks, Publication
from followup.scopes import PUBLISH_PLAYBOOKS, READ
from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.contracts.texts import Text
from kakehashi_common.http.problems import Problem
from kakehashi_common.http.yaml_files import (
    FileProblem,
    answer_file,
    line_problems,
    read_yaml_body,
    yaml_body,
)

PlaybookId = Annotated[Text, Path(min_length=1, max_length=64)]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]
Publisher = Annotated[Principal, Depends(require_scope(PUBLISH_PLAYBOOKS))]

_DOCUMENT: Final = yaml_body("A playbook")
_MISTAKES: Final[dict[int | str, dict[str, Any]]] = {
    422: {"model": FileProblem | Problem, "description": "Every mistake with its line"}
}
_PUBLISHED: Final[dict[int | str, dict[str, Any]]] = {
    **_MISTAKES,
    200: {"model": PublishedOut, "description": "The playbook in force says the same"},
    201: {"description": "In force"},
}


def router(playbooks: Playbooks) -> APIRouter:
    """Return the routes of playbooks."""
    routes = APIRouter(prefix="/v1/playbooks", tags=["playbooks"])
    may_read = [Depends(require_scope(READ))]

    @routes.get("", dependencies=may_read)
    async def list_playbooks() -> PlaybooksOut:
        """Every playbook, by id; no texts."""
        return PlaybooksOut(items=[PlaybookOut.of(each) for each in await playbooks.list_all()])

    @routes.post("", status_code=HTTPStatus.CREATED, openapi_extra=_DOCUMENT, responses=_PUBLISHED)
    async def publish_playbook(
        request: Request, response: Response, who: Publisher
    ) -> PublishedOut:
        """Publish a playbook: its new version lets contacts in from now on.

        Sequences that are under way go on by the version that they began with.
        """
        document = await read_yaml_body(request)
        return _published(response, await playbooks.publish(document, actor_of(request, who)))

    @routes.get("/{playbook_id}", dependencies=may_read)
    async def get_playbook(playbook_id: PlaybookId) -> PlaybookWithDraftOut:
        """One playbook with its draft."""
        return PlaybookWithDraftOut.of(await playbooks.get(playbook_id))

    @routes.put("/{playbook_id}/draft", openapi_extra=_DOCUMENT)
    async def save_playbook_draft(
        request: Request, playbook_id: PlaybookId, who: Publisher
    ) -> PlaybookDraftOut:
        """Store a draft in place of the one before. It may hold mistakes, which are named."""
        document = await read_yaml_body(request)
        mistakes = await playbooks.save_draft(playbook_id, document, actor_of(request, who))
        return PlaybookDraftOut(
            playbook_id=playbook_id,
            state="fit_to_publish" if mistakes is None else "has_mistakes",
            problems=[] if mistakes is None else line_problems(mistakes),
            more_problems=0 if mistakes is None else mistakes.more,
        )

    @routes.post(
        "/{playbook_id}/draft/publish", status_code=HTTPStatus.CREATED, responses=_PUBLISHED
    )
    async def publish_playbook_draft(
        request: Request, response: Response, playbook_id: PlaybookId, who: Publisher
    ) -> PublishedOut:
        """Publish the draft as it was stored; it is then done with."""
        publication = await playbooks.publish_draft(playbook_id, actor_of(request, who))
        return _published(response, publication)

    @routes.get("/{playbook_id}/versions", dependencies=may_read)
    async def list_playbook_versions(playbook_id: PlaybookId) -> PlaybookVersionsOut:
        """Every published version of a playbook, the newest first."""
        found = await playbooks.versions(playbook_id)
        return PlaybookVersionsOut(items=[PlaybookVersionOut.of(each) for each in found])

    @routes.get("/{playbook_id}/versions/{version}", dependencies=may_read)
    async def get_playbook_version(
        playbook_id: PlaybookId, version: Version
    ) -> PlaybookDocumentOut:
        """One version with its document."""
        return PlaybookDocumentOut.of(await playbooks.get_version(playbook_id, version))

    @routes.post("/{playbook_id}/roll-back")
    async def roll_back_playbook(
        request: Request, playbook_id: PlaybookId, wanted: RollBackIn, who: Publisher
    ) -> PlaybookVersionOut:
        """Put an earlier version in force again; sequences under way stay with theirs."""
        stored = await playbooks.roll_back(playbook_id, wanted.version, actor_of(request, who))
        return PlaybookVersionOut.of(stored)

    @routes.post("/{playbook_id}/retire")
    async def retire_playbook(
        request: Request, playbook_id: PlaybookId, who: Publisher
    ) -> PlaybookOut:
        """Let nobody in any more; sequences under way go on. Again changes nothing."""
        await playbooks.retire(playbook_id, actor_of(request, who))
        return PlaybookOut.of(await playbooks.get(playbook_id))

    return routes


def preview_router(previews: Previews) -> APIRouter:
    """Return the route that previews a playbook."""
    routes = APIRouter(prefix="/v1/playbooks", tags=["playbooks"])

    @routes.post(
        "/preview",
        dependencies=[Depends(require_scope(READ))],
        openapi_extra=_DOCUMENT,
        responses=_MISTAKES,
    )
    async def preview_playbook(
        request: Request,
        days: Annotated[int, Query(ge=1, le=92, description="How far to look back")] = 30,
    ) -> PlaybookPreviewOut:
        """Say who would have got what, and when, by what came lately; store and send nothing.

        It is as if nobody had answered, and as if nobody had entered this playbook before. Who is
        kept out is decided as for an entry: by the audience of the playbook and of the reason, the
        address, the seller, and other playbooks of the same or a higher priority that the contact
        was in then. Role, address and sellers are as they are now; sequences that retention has
        deleted, and what this playbook would have kept out of others, can't be known. The content
        that a step's text wants is chosen by the catalogue and the budget phase of now. Consent,
        caps and quiet periods are not looked at: they decide when a mail is about to go.
        """
        return PlaybookPreviewOut.of(await previews.preview(await read_yaml_body(request), days))

    return routes


async def refused(request: Request, error: Exception) -> Response:
    """Answer a playbook that can't be used."""
    if not isinstance(error, PlaybookFileError):
        raise TypeError(type(error))
    return answer_file(
        request, error, code="invalid_playbook", stays="What is published stays in force."
    )


def _published(response: Response, publication: Publication) -> PublishedOut:
    stored = publication.stored
    if not publication.created:
        response.status_code = HTTPStatus.OK
    response.headers["Location"] = f"/v1/playbooks/{stored.playbook_id}/versions/{stored.version}"
    shown = PlaybookVersionOut.of(stored).model_dump()
    return PublishedOut(**shown, created=publication.created)
