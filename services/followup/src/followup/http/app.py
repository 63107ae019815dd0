"""The HTTP application of followup."""

from importlib import metadata

from fastapi import FastAPI

from followup.approvals import api as approvals
from followup.consents import api as consents
from followup.contacts import api as contacts
from followup.container import Container
from followup.contents import api as contents
from followup.daily_lists import api as daily_lists
from followup.delivery import api as unknown_mails
from followup.entries import api as entries
from followup.http import examples
from followup.inbox import api as inbox
from followup.measures import api as measures
from followup.measures import behaviours_api
from followup.opt_outs import api as opt_outs
from followup.personal_data import api as personal_data
from followup.playbooks import api as playbooks
from followup.playbooks import fact_sheets_api as fact_sheets
from followup.playbooks.reading import PlaybookFileError
from followup.proofs_of_concept import api as proofs_of_concept
from followup.questions import api as questions
from followup.satisfaction import api as satisfaction
from followup.sellers import api as sellers
from followup.sellers import calendar_api
from followup.send_decisions import api as send_decisions
from followup.sequences import api as sequences
from followup.tasks import api as tasks
from followup.triggers import api as triggers
from followup.usage import api as usage
from kakehashi_common.csv_file import FileError
from kakehashi_common.http import app as http_app
from kakehashi_common.http import csv_files
from kakehashi_common.http.domain_errors import answer_domain_errors
from kakehashi_common.http.lead_ids import EncodedSlashes
from kakehashi_common.http.openapi import describe_examples, name_operations

DESCRIPTION = """\
The right contact at the right moment, and never one that should not happen.

* **Enter** contacts into playbooks with `POST /v1/sequences`, and see where they are;
  `…/timeline` says what has happened and what lies ahead,
  `…/pause`, `…/resume`, `…/skip` and `…/stop` change that, `…/reactions` says what they did.
* **Approve** what will be sent: `GET /v1/approvals` shows it, `…/text` changes it, `…/approve` lets
  it go at the time that the send policy allows.
* **Do** what a person has to do: `GET /v1/tasks`, `…/complete`, `…/snooze`, `…/delegate`;
  `GET /v1/sellers/{seller_id}/daily-list` is what one seller has to do, as a page with `.html`, as
  a calendar with `.ics`.
* **Record** with `POST /v1/consents` why somebody may be written to, and with
  `POST /v1/suppressions` who must not be, or many at once with `…/import` (CSV);
  `GET /v1/send-decisions` says why a mail went or not, and whether one could go now.
* **Settle** what became of a mail of which nobody knows whether it went: `GET /v1/unknown-mails`.
* **See** with `GET /v1/contacts/{lead_id}` who a contact is; `GET` and `DELETE
  /v1/contacts/{lead_id}/personal-data` export and erase the person, `POST
  /v1/personal-data/exports` and `…/erasures` do so by address.
* **Say who is contacted when** with `POST /v1/playbooks`, which takes YAML and names every mistake
  with its line; `PUT /v1/playbooks/{playbook_id}/draft` keeps what is not ready yet.
* **Give texts their figures** with `PUT /v1/fact-sheets/{place}/{fact}`, each with its source.
* **Give them material** with `PUT /v1/contents/{content_id}`, or `POST /v1/contents/import` (CSV):
  what suits the reader and the occasion is chosen for texts that want it, with the reason.
* **Hand over** mails that another program receives with `POST /v1/incoming-mails`.
* **Report** a reason to contact somebody with `PUT /v1/reasons/{report_id}`, many of them with
  `POST /v1/reasons/import` (CSV); `GET /v1/reasons` lists what to act on today.
* **Listen** with `PUT /v1/survey-answers/{report_id}`, or `POST /v1/survey-answers/import` (CSV):
  how satisfied customers are stands beside the measures, and a low score is a reason to call.
* **Watch use** with `PUT /v1/usage/{report_id}`, or `POST /v1/usage/import` (CSV): `GET /v1/usage`
  has the figures of a review, and says whether use falls, which is a reason to call.
* **Agree** with `PUT /v1/proofs-of-concept/{sequence_id}` what a proof of concept is measured by;
  the weekly checks fill it in, and `GET` judges it, also as a page to print (`…/page.html`).
  `GET /v1/tasks/records` shows study sessions and hearings of a contact or municipality.
* **Measure** with `GET /v1/measures` what went and what came of it, cut by playbook, step, variant,
  role, weekday and hour, or as a picture (`/v1/measures.png`, `/v1/measures.svg`);
  `GET /v1/experiments` says what A/B has shown, once the rule that was declared decides it;
  `GET /v1/behaviours` how often each condition was right, and `GET /v1/behaviour-judgements` why it
  is seen in a contact or not.

Errors are problem details (RFC 9457); decide by their `code`. Lists go on with `next_cursor`.
A parameter that an operation doesn't have is refused by name, never passed over.
Every operation needs a bearer token with the scope that it names.
"""


def create_app(container: Container) -> FastAPI:
    """Return the application that serves the use cases of ``container``."""
    content = container.content
    routers = [
        sequences.router(container.sequences, container.timelines),
        approvals.router(container.approvals, content.answers, content.contents),
        tasks.router(container.tasks, content.contents),
        consents.router(container.consents, container.clock),
        unknown_mails.router(container.mails.unknown_mails),
        personal_data.router(container.personal_data),  # before the path that takes any rest
        send_decisions.router(container.send_decisions),
        contacts.router(container.contacts),
        playbooks.router(container.playbooks),
        playbooks.preview_router(container.previews),
        fact_sheets.router(container.fact_sheets),
        contents.router(content.contents),
        questions.router(content.questions),
        sellers.router(container.sellers),
        calendar_api.router(container.for_sellers.own_calendars),
        daily_lists.router(
            container.for_sellers.daily_lists,
            container.for_sellers.calendars,
            container.sellers,
            container.settings.http.url,
        ),
        triggers.router(container.reasons),
        satisfaction.router(container.customers.survey_answers),
        usage.router(container.customers.usage, container.clock),
        entries.router(container.entries),
        inbox.router(container.mails.incoming_mails, container.mails.answers, container.clock),
        proofs_of_concept.router(container.customers.proofs_of_concept),
        measures.router(container.measures),
        behaviours_api.router(container.behaviours, container.measures),
        opt_outs.router(container.mails.opt_outs, container.settings.sender.company),
    ]
    name_operations(routers)
    app = http_app.create_app(
        title="Kakehashi followup",
        version=metadata.version("followup"),
        description=DESCRIPTION,
        settings=container.settings.http,
        checks={"database": container.database.ping, "tokens": container.verifier.ping},
        routers=routers,
        verifier=container.verifier,
    )
    app.add_middleware(EncodedSlashes)
    app.add_exception_handler(PlaybookFileError, playbooks.refused)
    app.add_exception_handler(FileError, csv_files.refused)
    answer_domain_errors(app)
    describe_examples(app, examples.bodies, examples.path_values)
    return app
