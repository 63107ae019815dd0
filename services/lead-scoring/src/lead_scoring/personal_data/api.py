"""``/v1/personal-data`` and ``/v1/leads/{lead_id}/personal-data``: found, exported, erased."""

from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.openapi.models import Example

from kakehashi_common.auth import Principal, actor_of, require_scope
from kakehashi_common.http.lead_ids import LeadIdInPath
from lead_scoring.personal_data.schemas import (
    ErasedLeadOut,
    ErasureIn,
    IdentifiersIn,
    PeopleOut,
    PersonalDataOut,
    PersonIn,
    PersonOut,
    ReadmittedOut,
    ReceiptOut,
)
from lead_scoring.personal_data.service import Identifiers, PersonalData
from lead_scoring.scopes import PERSONAL_DATA

_SEARCHES: Final[dict[str, Example]] = {
    "address": {"summary": "By e-mail address", "value": {"email": "taro@city.example.jp"}},
    "number": {"summary": "By telephone number", "value": {"phone": "0277-46-1111"}},
}
_ERASURES: Final[dict[str, Example]] = {
    "address": {
        "summary": "Whoever has this address, for good",
        "value": {"email": "taro@city.example.jp", "suppress": True},
    },
    "leads": {"summary": "These leads", "value": {"lead_ids": ["crm-48213"]}},
}
_READMISSIONS: Final[dict[str, Example]] = {
    "person": {
        "summary": "The address, and the ids that were kept out with it",
        "value": {"email": "taro@city.example.jp", "lead_ids": ["crm-48213"]},
    }
}


def router(personal_data: PersonalData) -> APIRouter:
    """The routes for data subjects' requests."""
    routes = APIRouter(prefix="/v1", tags=["personal data"])
    asked = Depends(require_scope(PERSONAL_DATA))

    @routes.post("/personal-data/search")
    async def find_people(
        request: Request,
        response: Response,
        sought: Annotated[IdentifiersIn, Body(openapi_examples=_SEARCHES)],
        who: Annotated[Principal, asked],
    ) -> PeopleOut:
        """Find people by e-mail address, telephone number or name. The request is audited.

        A POST, since what names a person has no place in URLs, which end up in logs. At most 100
        people are shown, in order of their leads' ids.
        """
        found = await personal_data.find(Identifiers(**sought.model_dump()), actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return PeopleOut(items=[PersonOut.of(person) for person in found])

    @routes.post("/personal-data/erasures")
    async def erase_person(
        request: Request,
        erasure: Annotated[ErasureIn, Body(openapi_examples=_ERASURES)],
        who: Annotated[Principal, asked],
    ) -> ReceiptOut:
        """Forget every lead with an address, or those that are named; the answer is a receipt.

        Doing it again changes nothing.
        """
        receipt = await personal_data.erase(
            email=erasure.email,
            lead_ids=erasure.lead_ids,
            suppress=erasure.suppress,
            actor=actor_of(request, who),
        )
        return ReceiptOut.of(receipt)

    @routes.post("/personal-data/readmissions")
    async def readmit_person(
        request: Request,
        person: Annotated[PersonIn, Body(openapi_examples=_READMISSIONS)],
        who: Annotated[Principal, asked],
    ) -> ReadmittedOut:
        """Take a person off the suppression list, on their own wish. Nothing comes back by itself.

        An address and the ids that were kept out with it are listed each by itself: name both.
        """
        removed = await personal_data.readmit(
            email=person.email,
            lead_ids=person.lead_ids,
            actor=actor_of(request, who),
        )
        return ReadmittedOut(removed=removed)

    @routes.get("/leads/{lead_id:path}/personal-data")
    async def export_personal_data(
        request: Request,
        response: Response,
        lead_id: LeadIdInPath,
        who: Annotated[Principal, asked],
    ) -> PersonalDataOut:
        """Everything that is held about the person, to hand to them. The request is audited."""
        exported = await personal_data.export(lead_id, actor_of(request, who))
        response.headers["Cache-Control"] = "no-store"
        return PersonalDataOut.of(exported)

    @routes.delete("/leads/{lead_id:path}/personal-data")
    async def erase_personal_data(
        request: Request, lead_id: LeadIdInPath, who: Annotated[Principal, asked]
    ) -> ErasedLeadOut:
        """Forget the person: lead, profile, history and events; the score's topic too.

        Doing it again changes nothing. Events already on Kafka stay there until their topic's
        retention ends (30 days), and delivered again they bring nothing back. Records that could
        not be read are in the dead-letter topic for 90 days: replay none of this person's.
        """
        receipt = await personal_data.erase(lead_ids=[lead_id], actor=actor_of(request, who))
        return ErasedLeadOut.of_receipt(receipt, lead_id)

    return routes
