"""The follow-up: begun by the reason, approved by a person, mailed, and ended by an answer."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from rich.markup import escape

from examples.journey import cast as people
from examples.journey import mails
from examples.journey.context import Journey
from examples.journey.services import Services, post, put
from examples.journey.steps import NotYet, StepError
from kakehashi_common.clock import TOKYO

_PLAYBOOK: Final = Path(__file__).with_name("grounds.yaml")
_CONTENTS: Final = Path(__file__).with_name("contents.csv")
_FIGURES: Final = {
    "annual_cost": ("4800000", "参考見積（窓口4か所、利用者数に上限なし）"),
    "hours_saved": ("1200", "見本の窓口での実証（3週間の平均から年間に換算）"),
}


def taken_places(services: Services) -> set[str]:
    """Return the codes of the cities that earlier runs have gone to."""
    found = services.followup.pages("/v1/sequences", playbook_id="demo-grounds", limit=200)
    return {each["municipality_code"] for each in found}


def prepare(services: Services) -> None:
    """Enter what every follow-up needs: its playbook, its seller, its figures, its content."""
    api = services.followup
    api.post("/v1/playbooks", _PLAYBOOK.read_bytes(), "application/yaml")
    seller = {
        "name": people.SELLER_NAME,
        "email": people.SELLER_ADDRESS,
        "signature": f"株式会社かけはし見本\n{people.SELLER_NAME}\n{people.SELLER_ADDRESS}",
    }
    put(api, f"/v1/sellers/{people.SELLER}", seller)
    for name, (value, source) in _FIGURES.items():
        put(api, f"/v1/fact-sheets/all/{name}", {"value": value, "source": source})
    api.post("/v1/contents/import", _CONTENTS.read_bytes(), "text/csv")


def know_contact(journey: Journey) -> None:
    """Wait until the treasurer is known, and record why they may be written to."""
    api, official = journey.services.followup, journey.cast.treasurer
    consent = {
        "address": official.email,
        "basis": "business_card",
        "obtained_on": str(journey.today),
        "evidence": f"名刺 {journey.cast.run}",
    }
    post(api, "/v1/consents", consent)

    def known() -> dict[str, Any] | NotYet:
        contact: dict[str, Any] = api.get(f"/v1/contacts/{official.lead_id}")
        return contact if contact["email"] else NotYet("a contact without an address")

    journey.steps.wait(f"{official.name} as a contact of followup", known)


def approve(journey: Journey, request_by: date) -> str:
    """The reason has the treasurer enter a playbook, whose mail a person completes and approves.

    Returns the id of the sequence.
    """
    steps, official = journey.steps, journey.cast.treasurer
    steps.begin(f"For {official.name} of the finance section a mail is written, and approved")
    api = journey.services.followup

    def entered() -> str | NotYet:
        decisions = api.get("/v1/entry-decisions", lead_id=official.lead_id)
        for each in decisions:
            if each["playbook_id"] == "demo-grounds" and each["entered"]:
                return str(each["sequence_id"])
        against = "; ".join(f"{each['playbook_id']}: {each['why_en']}" for each in decisions)
        return NotYet(against or "no decision")

    sequence_id = steps.wait("the entry into the playbook", entered)

    def asked() -> dict[str, Any] | NotYet:
        approvals = api.get("/v1/approvals", sequence_id=sequence_id)["items"]
        return approvals[0] if approvals else NotYet(_standing(journey, sequence_id))

    approval = steps.wait("an approval that is asked for", asked)
    day = api.page(f"/v1/sellers/{people.SELLER}/daily-list.html")
    path = f"/v1/approvals/{approval['approval_id']}"
    written = (
        f"予算の要求は{request_by.month}月{request_by.day}日頃までと見込んでおります。"
        "それまで、ご質問には当日中にお答えします。"
    )
    text = approval["text"].replace(f"【{approval['unfilled'][0]}】", written)
    put(api, f"{path}/text", {"subject": approval["subject"], "text": text})
    journey.ask("the approval", api, f"{path}/approve", {"by": people.SELLER})
    steps.print(
        f"[bold]{escape(approval['subject'])}[/]\nThe passage that was left to a person is "
        f"written, and {people.SELLER_NAME} lets it go."
    )
    for chosen in approval["contents"]:
        steps.print(f"It carries 「{escape(chosen['title'])}」. {escape(chosen['why']['en'])}")
    steps.page("Seller's daily list", "journey-daily-list.html", day)
    steps.link("Approval", f"{api.settings.api_url}{path}")
    steps.link("Its workflow", journey.stack.workflow(f"followup/{sequence_id}"))
    return sequence_id


def send(journey: Journey, sequence_id: str) -> Path:
    """The mail goes through a real mail server, which keeps it; returns its file there."""
    steps, stack = journey.steps, journey.stack
    steps.begin("The mail goes, signed")

    def sent() -> dict[str, Any] | NotYet:
        facts = journey.services.followup.pages(f"/v1/sequences/{sequence_id}/history", limit=100)
        gone = [each for each in facts if each["kind"] == "sent"]
        return gone[0] if gone else NotYet(_standing(journey, sequence_id))

    message_id = steps.wait("the mail to be sent", sent)["details"]["message_id"]

    def kept() -> Path | NotYet:
        return mails.find(stack, message_id) or NotYet(f"no mail {message_id} at the mail server")

    file = steps.wait("the mail at the mail server", kept)
    if not mails.is_signed(file, stack.dkim_key_file):
        raise StepError("awaited a DKIM signature that is right; found: one that isn't, or none")
    steps.print(
        "Handed over by SMTP; [green]its DKIM signature is right[/]. This stack sends at any hour, "
        "since its mails reach nobody; elsewhere a mail waits for office hours."
    )
    steps.link("The mail", mails.page(stack, file))
    return file


def answer(journey: Journey, sequence_id: str, file: Path) -> None:
    """The treasurer answers, and nothing more is sent."""
    steps, official, api = journey.steps, journey.cast.treasurer, journey.services.followup
    steps.begin(f"{official.name} answers, and the sequence stops")
    mails.answer(
        journey.stack,
        file,
        official,
        "資料をありがとうございます。査定の際に使わせていただきます。\n",
    )
    path = f"/v1/sequences/{sequence_id}"

    def stopped() -> dict[str, Any] | NotYet:
        found: dict[str, Any] = api.get(path)
        if found["status"] == "stopped" and found["end_reason"] == "answered":
            return found
        return NotYet(_standing(journey, sequence_id))

    steps.wait("the answer to stop the sequence", stopped)
    steps.lines(
        (f"{datetime.fromisoformat(fact['at']).astimezone(TOKYO):%H:%M:%S}", fact["ja"])
        for fact in api.pages(f"{path}/history", limit=100)
    )
    steps.link("Sequence", f"{api.settings.api_url}{path}")


def _standing(journey: Journey, sequence_id: str) -> str:
    found = journey.services.followup.get(f"/v1/sequences/{sequence_id}")
    return f"a sequence that is {found['status']} ({found['ja']})"
