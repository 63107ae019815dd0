"""The follow-up: begun by the reason, approved by a person, mailed, and ended by an answer."""

from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from rich.markup import escape

from examples.journey import cast as people
from examples.journey import mails
from examples.journey.cast import Cast
from examples.journey.services import Services, StackSettings, post, put
from examples.journey.steps import NotYet, StepError, Steps
from kakehashi_common.clock import TOKYO

_PLAYBOOK: Final = Path(__file__).with_name("grounds.yaml")
_FIGURES: Final = {
    "annual_cost": ("4800000", "参考見積（窓口4か所、利用者数に上限なし）"),
    "hours_saved": ("1200", "見本の窓口での実証（3週間の平均から年間に換算）"),
}


def taken_places(services: Services) -> set[str]:
    """Return the codes of the cities that earlier runs have gone to."""
    found = services.followup.pages("/v1/sequences", playbook_id="demo-grounds", limit=200)
    return {each["municipality_code"] for each in found}


def prepare(services: Services) -> None:
    """Enter what every follow-up needs: its playbook, its seller, its figures."""
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


def know_contact(steps: Steps, services: Services, cast: Cast, today: date) -> None:
    """Wait until the treasurer is known, and record why they may be written to."""
    api, official = services.followup, cast.treasurer
    consent = {
        "address": official.email,
        "basis": "business_card",
        "obtained_on": str(today),
        "evidence": f"名刺 {cast.run}",
    }
    post(api, "/v1/consents", consent)

    def known() -> dict[str, Any] | NotYet:
        contact: dict[str, Any] = api.get(f"/v1/contacts/{official.lead_id}")
        return contact if contact["email"] else NotYet("a contact without an address")

    steps.wait(f"{official.name} as a contact of followup", known)


def approve(
    steps: Steps, services: Services, stack: StackSettings, cast: Cast, request_by: date
) -> dict[str, Any]:
    """The reason has the treasurer enter a playbook, whose mail a person completes and approves."""
    official = cast.treasurer
    steps.begin(f"For {official.name} of the finance section a mail is written, and approved")
    api = services.followup

    def entered() -> dict[str, Any] | NotYet:
        decisions = api.get("/v1/entry-decisions", lead_id=official.lead_id)
        for each in decisions:
            if each["playbook_id"] == "demo-grounds" and each["entered"]:
                return dict(each)
        against = "; ".join(f"{each['playbook_id']}: {each['why_en']}" for each in decisions)
        return NotYet(against or "no decision")

    sequence_id = steps.wait("the entry into the playbook", entered)["sequence_id"]

    def asked() -> dict[str, Any] | NotYet:
        approvals = api.get("/v1/approvals", sequence_id=sequence_id)["items"]
        return approvals[0] if approvals else NotYet(_standing(services, sequence_id))

    approval = steps.wait("an approval that is asked for", asked)
    path = f"/v1/approvals/{approval['approval_id']}"
    written = (
        f"予算の要求は{request_by.month}月{request_by.day}日頃までと見込んでおります。"
        "それまで、ご質問には当日中にお答えします。"
    )
    text = approval["text"].replace(f"【{approval['unfilled'][0]}】", written)
    put(api, f"{path}/text", {"subject": approval["subject"], "text": text})
    post(api, f"{path}/approve", {"by": people.SELLER})
    steps.print(
        f"[bold]{escape(approval['subject'])}[/]\nThe passage that was left to a person is "
        f"written, and {people.SELLER_NAME} lets it go."
    )
    steps.link("Approval", f"{api.settings.api_url}{path}")
    steps.link("Its workflow", stack.workflow(f"followup/{sequence_id}"))
    return dict(api.get(f"/v1/sequences/{sequence_id}"))


def send(steps: Steps, services: Services, stack: StackSettings, sequence: dict[str, Any]) -> Path:
    """The mail goes through a real mail server, which keeps it."""
    steps.begin("The mail goes, signed")
    sequence_id = sequence["sequence_id"]

    def sent() -> dict[str, Any] | NotYet:
        facts = services.followup.pages(f"/v1/sequences/{sequence_id}/history", limit=100)
        gone = [each for each in facts if each["kind"] == "sent"]
        return gone[0] if gone else NotYet(_standing(services, sequence_id))

    message_id = steps.wait("the mail to be sent", sent)["details"]["message_id"]

    def kept() -> Path | NotYet:
        return mails.find(stack, message_id) or NotYet(f"no mail {message_id} at the mail server")

    file = steps.wait("the mail at the mail server", kept)
    if not mails.is_signed(stack, file):
        raise StepError("awaited a DKIM signature that is right; found: one that isn't, or none")
    steps.print(
        "Handed over by SMTP; [green]its DKIM signature is right[/]. This stack sends at any hour, "
        "since its mails reach nobody; elsewhere a mail waits for office hours."
    )
    steps.link("The mail", mails.page(stack, file))
    return file


def answer(
    steps: Steps,
    services: Services,
    stack: StackSettings,
    cast: Cast,
    sequence: dict[str, Any],
    file: Path,
) -> None:
    """The treasurer answers, and nothing more is sent."""
    steps.begin(f"{cast.treasurer.name} answers, and the sequence stops")
    mails.answer(
        stack,
        file,
        cast.treasurer,
        "資料をありがとうございます。査定の際に使わせていただきます。\n",
    )
    path = f"/v1/sequences/{sequence['sequence_id']}"

    def stopped() -> dict[str, Any] | NotYet:
        found: dict[str, Any] = services.followup.get(path)
        if found["status"] == "stopped" and found["end_reason"] == "answered":
            return found
        return NotYet(_standing(services, sequence["sequence_id"]))

    steps.wait("the answer to stop the sequence", stopped)
    steps.lines(
        (f"{datetime.fromisoformat(fact['at']).astimezone(TOKYO):%H:%M:%S}", fact["ja"])
        for fact in services.followup.pages(f"{path}/history", limit=100)
    )
    steps.link("Sequence", f"{services.followup.settings.api_url}{path}")


def _standing(services: Services, sequence_id: str) -> str:
    found = services.followup.get(f"/v1/sequences/{sequence_id}")
    return f"a sequence that is {found['status']} ({found['ja']})"
