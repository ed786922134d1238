"""One environment for people: the answer in one sentence, what is wrong, what is happening now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from tenant_ops_dashboard.environments.model import Details, Proof, ResourceProgress
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.octavia import first_check
from tenant_ops_dashboard.panels import settings, words
from tenant_ops_dashboard.panels.environments import proofs as packets
from tenant_ops_dashboard.panels.environments.proofs import Kept
from tenant_ops_dashboard.panels.environments.state import BUSY
from tenant_ops_dashboard.panels.picture import draw
from tenant_ops_dashboard.panels.picture.placed import Menu
from tenant_ops_dashboard.sentences import within

REQUEST_ID = re.compile(r"\s*\(Request-ID: req-[0-9a-f-]+\)")
LONGEST = 4


@dataclass(frozen=True)
class Trouble:
    """What stands at the top of the page when something is not well."""

    state: str
    title: str
    sentences: tuple[str, ...] = ()
    request_id: str = ""


def context(details: Details, menu: Menu, sent: Kept | None = None) -> dict[str, Any]:
    """What the page of one environment shows beside the details themselves."""
    progress, environment = details.progress, details.environment
    proofs = tuple(replace(one, evidence=clocked(one.evidence, details)) for one in packets.shown(sent, details))
    proven = sum(proof.state == "good" for proof in proofs)
    return {
        "details": details,
        "answer": answer(details, proofs),
        "trouble": trouble(details),
        "busy": environment.status in BUSY or (environment.status == "failed" and progress.done < progress.total),
        "share": round(100 * progress.done / progress.total) if progress.total else 0,
        "progress_words": _("resources gone") if environment.status == "deleting" else _("resources are up"),
        "now": now(progress.resources),
        "drawings": [draw(details.picture, menu), draw(details.picture, menu, narrow=True)],
        "boxes": [(box, menu(box)) for box in details.picture.boxes],
        "packets": {proof.name for proof in sent.value.found} if sent else (),
        "again": bool(packets.contradicted(sent, details)),
        "proofs": proofs,
        "sent": sent,
        "proofs_words": _("Proof: %(good)d of %(all)d promises kept") % {"good": proven, "all": len(proofs)},
        "resources_words": _("Resources: %(done)d of %(all)d") % {"done": progress.done, "all": progress.total},
        "data": [box for box in details.picture.boxes if box.kind == "volume"],
        "facts": facts(details),
        "outputs": outputs(details),
        "browse": browse(environment.address),
    }


def answer(details: Details, proofs: Sequence[Proof]) -> str:
    """The first line: is it well?"""
    environment, progress = details.environment, details.progress
    count = {"done": progress.done, "total": progress.total, "time": words.duration(progress.seconds)}
    if environment.status == "building":
        if details.changing or details.waits:
            return clocked(environment.status_reason, details)
        if progress.total and progress.done >= progress.total:
            return _("All %(total)d resources are up; the promises are being checked.") % count
        return _("Coming up: %(done)d of %(total)d resources.") % count
    if environment.status == "deleting":
        if not progress.total:
            return environment.status_reason or _("Being taken away.")
        return _("Being taken away: %(done)d of %(total)d resources are gone.") % count
    if environment.status == "failed":
        if any(step.state == "gone" for step in progress.resources):
            if progress.done == progress.total:
                return _("It did not come up, and what the launch made is gone again.")
            return _("It could not be taken away wholly: %(done)d of %(total)d resources are gone.") % count
        return _("It did not come up.") if details.rolls_back else _("It is broken.")
    kept = _all_kept(proofs)
    where = environment.address or _("its inner address")
    # Packets are sent after the status was told.
    broken = any(one.state in ("warning", "failed") and one.name in prove.OUTSIDE for one in proofs)
    if environment.status == "good" and not broken:
        return _("It is well: serving at %(where)s, %(kept)s.") % {"where": where, "kept": kept}
    return _("It serves at %(where)s, but not everything is well: %(kept)s.") % {"where": where, "kept": kept}


def _all_kept(proofs: Iterable[Proof]) -> str:
    found = list(proofs)
    if not found:
        return _("nothing left to check")
    good = sum(proof.state == "good" for proof in found)
    if good == len(found):
        return _("all %d promises kept") % good
    unknown = sum(proof.state == "unknown" for proof in found)
    count = {"good": good, "all": len(found), "unknown": unknown}
    if unknown:
        return _("%(good)d of %(all)d promises kept, %(unknown)d not checked") % count
    return _("%(good)d of %(all)d promises kept") % count


def trouble(details: Details) -> Trouble | None:
    """The failing resource and its reason in words, or the promises that are not kept."""
    environment, progress = details.environment, details.progress
    late = [clocked(stall.utc(one), details) for one in details.stalls]
    if details.stands_still:
        return Trouble("warning", late[0], (_("What stands stays. Heat goes on with the rest where it is asked to."),))
    if environment.status == "failed":
        failed = [step for step in progress.resources if step.state == "failed" and step.reason]
        told = [step for step in failed if progress.failure == f"{step.title}: {step.reason}"]
        title, reasons = progress.failure or environment.status_reason or _("OpenStack gives no reason."), []
        if told:
            title, reasons = _("%s failed.") % words.told(told[0].title), [told[0].reason]
        reasons += [
            f"{words.told(step.title)}: {step.reason}"
            for step in failed if step not in told and step.reason not in title
        ]  # fmt: skip
        reasons = [*map(without_request_id, reasons[:LONGEST]), *late]
        return Trouble("failed", clocked(title, details), tuple(reasons), progress.request_id)
    bad = [proof for proof in details.proofs if proof.state in ("warning", "failed")]
    if environment.status == "warning":
        title = clocked(environment.status_reason, details) or _("Not everything is well.")
        kept = [(words.told(proof.title), words.told(proof.evidence)) for proof in bad]
        sentences = [f"{name}: {evidence}" for name, evidence in kept if evidence not in title]
        return Trouble("warning", title, (*sentences, *(said for said in late if said not in title)))
    return Trouble("warning", late[0], tuple(late[1:])) if late else None


def clocked(sentence: str, details: Details) -> str:
    """A sentence with the times of standstills and of first health checks as the reader's clock has them."""
    times = {first_check.clock(since): words.clock(since) for since in details.waits}
    times |= {stall.clock(one): words.when(one.since) for one in details.stalls}

    def local(told: str) -> str:
        for theirs, ours in times.items():
            told = told.replace(theirs, ours)
        return told

    return words.told(within(sentence, local))


def without_request_id(reason: str) -> str:
    """A reason without the id that stands below it on a line of its own."""
    return REQUEST_ID.sub("", reason).strip()


def now(steps: Iterable[ResourceProgress]) -> str:
    """What is being worked on at this moment."""
    working = [words.told(step.title) for step in steps if step.state in ("building", "deleting")]
    if not working:
        return ""
    told = ", ".join(working[:3])
    if len(working) <= 3:
        return _("Now: %s") % told
    return _("Now: %(these)s and %(more)d more") % {"these": told, "more": len(working) - 3}


def facts(details: Details) -> list[tuple[str, str]]:
    """Name and value, for the short column."""
    environment = details.environment
    found = [(_("Blueprint"), environment.blueprint), *environment.tiers, (_("Age"), words.age(environment.created_at))]
    return [(name, value) for name, value in found if value]


def outputs(details: Details) -> list[tuple[str, str]]:
    """The template's outputs, but for addresses that act: whoever has one of those may scale the group."""
    told = ((name, value) for name, value in details.outputs.items() if name != "address" and "://" not in value)
    return sorted((name.replace("_", " ").capitalize(), value) for name, value in told)


def browse(address: str) -> str:
    """Where a browser finds the address: the same, or through the operator's way to floating IPs."""
    via = settings.read().address_via
    # What a template tells as its address is one part of a path there.
    return via.format(address=quote(address.removeprefix("http://"), safe=":[]")) if via and address else address
