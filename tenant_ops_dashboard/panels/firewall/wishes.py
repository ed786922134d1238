"""'Let E reach E on P' as people ask for it on a page, and the suggestion as a page shows it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall import content, words
from tenant_ops_dashboard.firewall.given import LONGEST
from tenant_ops_dashboard.firewall.suggest import Suggestion, suggest
from tenant_ops_dashboard.firewall.suggest.asked import read_ports, read_protocol
from tenant_ops_dashboard.panels.firewall import presenters, reviewing, state
from tenant_ops_dashboard.panels.forms import SHORT, Form

WANTS = (("allow", gettext_lazy("let it through")), ("deny", gettext_lazy("close it")))
PROTOCOLS = ("tcp", "udp", "sctp", "icmp", "any")
#: Questions about ends are told under their names on the command line.
FIELDS = {"from": "source", "to": "target"}


class WishForm(Form):
    """What shall, or shall not, get through."""

    want = forms.ChoiceField(label=gettext_lazy("Wish"), choices=WANTS, initial="allow")
    source = forms.CharField(
        label=gettext_lazy("From"), initial="internet", max_length=LONGEST, widget=forms.TextInput({"list": "ends"}),
        help_text=gettext_lazy("internet, an address, port:ID, server:NAME, network:NAME or tier:ENVIRONMENT/TIER."),
        error_messages={"required": gettext_lazy("Say where it comes from.")},
    )  # fmt: skip
    target = forms.CharField(
        label=gettext_lazy("To"), max_length=LONGEST, widget=forms.TextInput({"list": "ends"}),
        error_messages={"required": gettext_lazy("Say where it goes.")},
    )  # fmt: skip
    protocol = forms.ChoiceField(
        label=gettext_lazy("Protocol"), choices=[(one, one) for one in PROTOCOLS], initial="tcp"
    )
    port = forms.CharField(
        label=gettext_lazy("Port"), required=False, max_length=11, widget=forms.TextInput({"class": SHORT}),
        help_text=gettext_lazy("A port or a range such as 8000-8080; empty: any."),
    )  # fmt: skip

    def answered(self, request: HttpRequest, found: state.State) -> Suggestion | None:
        """The suggestion for what was typed; None, with the problem at its field, where that cannot be."""
        told = self.cleaned_data
        try:
            protocol = read_protocol(told["protocol"])
            ports = read_ports(told["port"], protocol)
            asked = (told["source"].strip(), told["target"].strip(), protocol, ports, told["want"])
            made: Suggestion = state.worked_out(
                request, f"suggest {found.version} {asked}", lambda: suggest(found.ends, *asked)
            )
        except (BadInput, NotFound) as error:
            field = getattr(error, "field", "") or str(error).partition(":")[0]
            field = FIELDS.get(field, field)
            self.add_error(field if field in self.fields else None, error.sentence)
            return None
        return made


def address(source: str, target: str, protocol: str, port: Any, want: str) -> str:
    """The page that answers this question."""
    asked = {"source": source, "target": target, "protocol": protocol, "port": port or "", "want": want}
    return f"{reverse('horizon:tenant_ops:firewall:suggest')}?{urlencode(asked)}"


def token(made: Suggestion) -> str:
    """What a form was drawn from: the drafts that it shows."""
    told = made.written()
    return content.digest(told["firewall"], told["security_groups"])


def names(made: Suggestion) -> list[str]:
    """The groups that it has drafts of, in the order in which their reviews follow each other."""
    return [one.state.group.name for one in made.firewall] + [one.state.name for one in made.security_groups]


def reviews(made: Suggestion) -> str:
    """The page that reviews its first draft and leads to the reviews of the others."""
    told = [reviewing.firewall_group(one.state.group.id) for one in made.firewall]
    return reviewing.first(told + [reviewing.security_group(one.state.id) for one in made.security_groups])


def shown(found: state.State, made: Suggestion) -> dict[str, Any]:
    """For the template."""
    labels = words.Labels(found.seen, found.ends.names)
    told: dict[str, Any] = {
        "rules": made.rules, "cannot": made.cannot, "unknown": made.unknown, "token": token(made),
        "nothing": not made.firewall and not made.security_groups,
    }  # fmt: skip
    boxes = {
        "gained": words.sentences(labels, made.traffic.gained, "gained"),
        "lost": words.losses(labels, made.traffic.lost, made.traffic.breaks_replies),
        "also_opens": words.sentences(labels, made.also_opens, "gained"),
        "also_closes": words.sentences(labels, made.also_closes, "lost"),
    }
    for name, lines in boxes.items():
        told[name], told[f"more_{name}"] = presenters.lines(lines)
    states = {True: "good", False: "failed", None: "warning"}
    told["state"] = states[made.holds]
    told["drafts"] = names(made)
    told["says"] = _says(made)
    return told


def _says(made: Suggestion) -> str:
    changes = bool(made.firewall or made.security_groups)
    if made.holds is None:
        return _("Whether these rules are enough cannot be known from here.")
    if made.want == "allow":
        if not made.holds:
            return _("Rules alone do not let it through.")
        return _("With these rules it gets through, and the replies return.") if changes else _("It gets through.")
    if not made.holds:
        return _("Rules that this project may change do not close it.")
    return _("With these rules none of it gets through.") if changes else _("None of it gets through.")
