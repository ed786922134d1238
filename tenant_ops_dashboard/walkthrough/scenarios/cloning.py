"""The fourth scenario: a copy of production data for another project, that goes by itself."""

from __future__ import annotations

from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import copies, shop
from tenant_ops_dashboard.walkthrough.model import Link, Step
from tenant_ops_dashboard.walkthrough.play import Act, play

_PAGE: Link = ("clone", "clone_id")

CLONING = play(
    "cloning", say("Data cloning"), say("Production data for a test, without an operator, and gone in time."),
    (
        shop.ready(
            say("Production data stands in this application's database. Developers would like to test with it.")
        ),
        Act(
            Step(
                "offer", say("The owner offers"),
                say(
                    "The owner says once who may have copies of this data, and for how long. After that nobody has to"
                    " be asked.",
                ),
                say("Offer the data"), ("offers", "offer_id"), ("ready",),
                notes=say("To the other project that is marked for demonstrations."),
            ),
            say("The other project sees the offer."), copies.offer, copies.offered,
        ),
        Act(
            Step(
                "clone", say("A developer asks"),
                say(
                    "A developer in another project asks for a copy, and gets a whole test environment on it. He has no"
                    " role in production, and sees nothing of it.",
                ),
                say("Ask for a clone"), _PAGE, ("offer",),
                notes=say("About a minute and a half: copy, hand over, then an environment of its own on the copy."),
                patience=600.0,
            ),
            say("The clone is ready, in the other project."), copies.request, copies.ready,
        ),
        Act(
            Step(
                "row", say("The rows are there"),
                say("We ask the clone's own application, and it reads the rows of production."),
                say("Read the clone"), _PAGE, ("clone",), notes=say("At the clone's own floating IP."), patience=120.0,
            ),
            say("A request to the clone's floating IP tells its rows."), copies.look, copies.read,
        ),
        Act(
            Step(
                "change", say("A test changes them"),
                say("A test may break things. It writes a row into the clone."),
                say("Write a row"), _PAGE, ("row",),
                notes=say("Sent as POST /rows to the clone's application. Leave this out with one that takes none."),
            ),
            say("The clone has one row more."), copies.write, copies.written,
        ),
        Act(
            Step(
                "source", say("Production did not notice"),
                say("And production has what it had before."),
                say("Read production"), ("environment", "environment_id"), ("change",),
                notes=say("At the production application's floating IP."),
            ),
            say("A request to the source's floating IP tells the same rows as before."), copies.look_at_source,
            copies.unchanged,
        ),
        Act(
            Step(
                "lease", say("Copies end by themselves"),
                say(
                    "Every copy has an end. This one has a very short lease: it comes, it goes, and nobody has to clean"
                    " up.",
                ),
                say("Ask for a short one"), ("clone", "short_id"), ("offer",),
                notes=say("A clone of the volume alone, with a lease of {short}.", short=copies.SHORT), patience=240.0,
            ),
            say("The clone was ready, its lease ended, and Cinder has no such volume any more."),
            copies.short, copies.ended,
        ),
    ),
)  # fmt: skip
