"""The fourth scenario: a copy of production data for another project, that goes by itself."""

from __future__ import annotations

from tenant_ops_dashboard.walkthrough.acts import copies, shop
from tenant_ops_dashboard.walkthrough.model import Link, Step
from tenant_ops_dashboard.walkthrough.play import Act, play

_PAGE: Link = ("clone", "clone_id")

CLONING = play(
    "cloning", "Data cloning", "Production data for a test, without an operator, and gone in time.",
    (
        shop.ready("Production data stands in this application's database. Developers would like to test with it."),
        Act(
            Step(
                "offer", "The owner offers",
                "The owner says once who may have copies of this data, and for how long. After that nobody has to be"
                " asked.",
                "Offer the data", ("offers", "offer_id"), ("ready",),
                notes="To the other project that is marked for demonstrations.",
            ),
            "The other project sees the offer.", copies.offer, copies.offered,
        ),
        Act(
            Step(
                "clone", "A developer asks",
                "A developer in another project asks for a copy, and gets a whole test environment on it. He has no"
                " role in production, and sees nothing of it.",
                "Ask for a clone", _PAGE, ("offer",),
                notes="About a minute and a half: copy, hand over, then an environment of its own on the copy.",
                patience=600.0,
            ),
            "The clone is ready, in the other project.", copies.request, copies.ready,
        ),
        Act(
            Step(
                "row", "The rows are there",
                "We ask the clone's own application, and it reads the rows of production.",
                "Read the clone", _PAGE, ("clone",), notes="At the clone's own floating IP.", patience=120.0,
            ),
            "A request to the clone's floating IP tells its rows.", copies.look, copies.read,
        ),
        Act(
            Step(
                "change", "A test changes them",
                "A test may break things. It writes a row into the clone.",
                "Write a row", _PAGE, ("row",),
                notes="Sent as POST /rows to the clone's application. Leave this out with one that takes none.",
            ),
            "The clone has one row more.", copies.write, copies.written,
        ),
        Act(
            Step(
                "source", "Production did not notice",
                "And production has what it had before.",
                "Read production", ("environment", "environment_id"), ("change",),
                notes="At the production application's floating IP.",
            ),
            "A request to the source's floating IP tells the same rows as before.", copies.look_at_source,
            copies.unchanged,
        ),
        Act(
            Step(
                "lease", "Copies end by themselves",
                "Every copy has an end. This one has a very short lease: it comes, it goes, and nobody has to clean"
                " up.",
                "Ask for a short one", ("clone", "short_id"), ("offer",),
                notes=f"A clone of the volume alone, with a lease of {copies.SHORT}.", patience=240.0,
            ),
            "The clone was ready, its lease ended, and Cinder has no such volume any more.",
            copies.short, copies.ended,
        ),
    ),
)  # fmt: skip
