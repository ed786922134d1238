"""Can A reach B on this port? From any page that shows a server, a member, a port or an address."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall import read, words
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.named import Named
from tenant_ops_dashboard.firewall.probe import probe_ends
from tenant_ops_dashboard.panels.firewall import forms, permissions, state, wishes
from tenant_ops_dashboard.panels.firewall.windows import ROWS, Window

FIELDS = {"from": "source", "to": "target"}
LAYERS = {
    "security-group": gettext_lazy("security group"), "firewall-group": gettext_lazy("firewall"),
    "anti-spoof": gettext_lazy("anti-spoofing"), "route": gettext_lazy("route"), "nat": gettext_lazy("translation"),
}  # fmt: skip
OFFERED = 200
SHOWN = 10  # pairs on one page


@require_GET
@permissions.guarded(permissions.READ)
def view(request: HttpRequest) -> HttpResponse:
    """Ask for a packet; the question is in the address, so that an answer can be sent to somebody."""
    asked = "target" in request.GET
    form = forms.ProbeForm(data=request.GET) if asked else forms.ProbeForm()
    answers: list[dict[str, Any]] = []
    snapshot = state.state(request)
    found = snapshot.value
    ends = found.ends
    labels = words.Labels(found.seen, ends.names)
    if asked and form.is_valid():
        told = form.cleaned_data
        try:
            source, target = ends.source(told["source"], "from"), ends.target(told["target"], "to")
            answers = probe_ends(ends.engine, source, target, told["protocol"], told["port"], SHOWN)
        except (BadInput, NotFound) as error:
            field = getattr(error, "field", "") or str(error).partition(":")[0]
            form.add_error(
                FIELDS.get(field, field) if FIELDS.get(field, field) in form.fields else None, error.sentence
            )
    places = _places(found) if answers else {}
    named = Named(found.seen, labels) if answers else None
    context = {
        "page_title": _("Packet probe"), "form": form, "action": request.path, "offered": offered(found),
        "snapshot": snapshot, "since": state.older(snapshot),
        "answers": [_shown(one, labels, form.cleaned_data, places, named) for one in answers if named],
        "suggest": _suggest(form.cleaned_data, answers) if answers and permissions.may(request)["edit"] else {},
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/probe.html", context, status=422 if form.errors else 200)


def offered(found: state.State) -> list[str]:
    """Ends by the names people know, for the fields to propose."""
    servers = [f"server:{one.name}" for one in found.names.servers]
    networks = [f"network:{one['name']}" for one in found.seen.rows("networks") if one.get("name")]
    names = found.names.environments
    parts = {(one.environment, part) for one in found.names.servers for part in (one.tier, one.part) if part}
    tiers = [f"tier:{names[id_]}/{part}" for id_, part in parts if id_ in names]
    groups = [f"security-group:{one['name']}" for one in found.seen.rows("security_groups") if one.get("name")]
    whole = [f"environment:{name}" for name in found.names.environments.values()]
    return ["internet", *sorted({*servers, *networks, *tiers, *groups, *whole})][:OFFERED]


def _suggest(asked: dict[str, Any], answers: list[dict[str, Any]]) -> dict[str, str]:
    """Where the rules are drafted that let a denied packet through, or close an allowed one."""
    verdicts = {one["verdict"] == "allow" for one in answers}
    told = (asked["source"], asked["target"], asked["protocol"], asked["port"])
    wanted = {"let": False in verdicts, "close": True in verdicts}
    wants = {"let": "allow", "close": "deny"}
    return {name: wishes.address(*told, wants[name]) for name, there in wanted.items() if there}


def _places(found: state.State) -> dict[str, str]:
    """Where a firewall rule stands: the place on its group's page, by the rule's id."""
    known = {str(one["id"]): one.get("firewall_rules") or () for one in found.seen.rows("firewall_policies")}
    told: dict[str, str] = {}
    for row in read.groups(found.seen):
        for direction in DIRECTIONS:
            page = reverse("horizon:tenant_ops:firewall:group", args=[row["id"]])
            for number, rule in enumerate(known.get(read.policy_id(row, direction) or "", ()), 1):
                shown = Window({direction: (number - 1) // ROWS * ROWS + 1}).query
                told.setdefault(str(rule), f"{page}{shown}#{direction}-rule-{number}")
    return told


def _shown(
    answer: dict[str, Any], labels: words.Labels, asked: dict[str, Any], places: dict[str, str], named: Named
) -> dict[str, Any]:
    def end(told: dict[str, str], typed: str) -> str:
        if "ip" in told:
            return typed if typed == told["ip"] else f"{typed} ({told['ip']})"
        return labels.port(told["port"])

    good = answer["verdict"] == "allow"
    states = {"allow": "good", "deny": "failed"}
    says = (
        _("%(source)s reaches %(target)s, and the reply comes back.")
        if good
        else _("%(source)s does not reach %(target)s.")
    )
    if not good and answer["forward"] == "allow":
        says = _("%(source)s reaches %(target)s, but the reply does not come back.")
    return {
        "state": "warning" if answer["unknown"] else "good" if good else "failed",
        "says": says % {"source": end(answer["from"], asked["source"]), "target": end(answer["to"], asked["target"])},
        "steps": [
            {
                **one, "state": states.get(one["decision"], "planned"), "place": places.get(str(one["rule_id"]), ""),
                "at": named(str(one["port_id"] or "")), "why": named(one["why"]),
                "layer": LAYERS.get(one["layer"], one["layer"]),
            }
            for one in answer["steps"]
        ],
        "fix": [{**one, "change": named(str(one["change"]))} for one in answer["fix"]],
        "unknown": [named(one) for one in answer["unknown"]],
    }  # fmt: skip
