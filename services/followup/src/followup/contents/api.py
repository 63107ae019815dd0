"""``/v1/contents``: the catalogue of what is worth sending."""

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from pydantic import TypeAdapter

from followup.contents.files import CONTENTS
from followup.contents.repository import ContentFilter
from followup.contents.schemas import ContentIn, ContentOut, ContentsImportOut
from followup.contents.service import Contents
from followup.domain.contents.content import ContentKind
from followup.fields import DryRun, Reader, Writer
from kakehashi_common.auth import actor_of
from kakehashi_common.contracts.events import Slug
from kakehashi_common.http.csv_files import REFUSED, document, rows_of
from kakehashi_common.http.cursors import Page, decode_cursor, page
from kakehashi_common.http.fields import Cursor, Id, Limit

ContentId = Annotated[Id, Path()]

_KEY: Final = TypeAdapter(tuple[Id])


def router(contents: Contents) -> APIRouter:
    """Return the routes of the catalogue."""
    routes = APIRouter(prefix="/v1/contents", tags=["contents"])

    @routes.get("", dependencies=[Reader])
    async def list_contents(
        kind: Annotated[ContentKind | None, Query()] = None,
        policy_area: Annotated[Slug | None, Query()] = None,
        active: Annotated[bool | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[ContentOut]:
        """Entries that fit all that is given, by id."""
        after = decode_cursor("contents", cursor, _KEY)
        rows = await contents.list_contents(
            ContentFilter(kind, policy_area, active),
            after=None if after is None else after[0],
            limit=limit + 1,
        )
        shown, next_cursor = page("contents", rows, limit, lambda row: (row.content.content_id,))
        return Page(items=[ContentOut.of(row) for row in shown], next_cursor=next_cursor)

    @routes.post("/import", openapi_extra=document(CONTENTS), responses=REFUSED)
    async def import_contents(
        request: Request, who: Writer, *, dry_run: DryRun = False
    ) -> ContentsImportOut:
        """Create or change every entry of a file, or none: what it doesn't say stays as it is."""
        rows = await rows_of(request, CONTENTS)
        done = await contents.import_all(CONTENTS, rows, actor_of(request, who), dry_run=dry_run)
        return ContentsImportOut(
            dry_run=dry_run,
            created=done.created,
            changed=done.changed,
            unchanged=done.unchanged,
        )

    @routes.get("/{content_id}", dependencies=[Reader])
    async def get_content(content_id: ContentId) -> ContentOut:
        """One entry."""
        return ContentOut.of(await contents.find(content_id))

    @routes.put("/{content_id}")
    async def put_content(
        request: Request, content_id: ContentId, body: ContentIn, who: Writer
    ) -> ContentOut:
        """Create or replace an entry. Texts for which it was chosen before keep it as it was."""
        return ContentOut.of(await contents.put(body.content(content_id), actor_of(request, who)))

    @routes.delete("/{content_id}", status_code=HTTPStatus.NO_CONTENT)
    async def delete_content(request: Request, content_id: ContentId, who: Writer) -> None:
        """Delete an entry: it is not chosen any more. To keep it, make it inactive."""
        await contents.remove(content_id, actor_of(request, who))

    return routes
