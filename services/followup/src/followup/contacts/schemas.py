"""Contacts, as the API shows them."""

from followup.contacts.repository import Contact
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class ContactOut(ResponseBody):
    """The person behind a lead, as far as known."""

    lead_id: str
    merged_lead_ids: tuple[str, ...]
    """Ids that have gone into this one."""
    municipality_code: str | None
    department: str | None
    role: str | None
    person_name: str | None
    email: str | None
    erased_at: JapanTime | None

    @classmethod
    def of(cls, contact: Contact, merged_lead_ids: tuple[str, ...]) -> "ContactOut":
        """Return what is shown of a contact."""
        return cls(
            lead_id=contact.lead_id,
            merged_lead_ids=merged_lead_ids,
            municipality_code=contact.municipality_code,
            department=contact.department,
            role=contact.role,
            person_name=contact.person_name,
            email=contact.email,
            erased_at=contact.erased_at,
        )
