"""What the panel asks people: a new load balancer, a server for a pool, a weight, a mute, when to scale."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.certificates.model import Certificate
from tenant_ops_dashboard.loadbalancers import create, servers
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, UNITS, Group, Rules
from tenant_ops_dashboard.panels.forms import SHORT, Form, OfferedField, OfferedFields, port_field, weight_field

USUAL = {"HTTP": 80, "HTTPS": 443, "TCP": 80, "UDP": 53}
LABELS = {"PROXY": gettext_lazy("TCP with a PROXY header")}
HOURS = (("1", gettext_lazy("1 hour")), ("4", gettext_lazy("4 hours")), ("24", gettext_lazy("24 hours")))
LIMITS = ("minimum", "maximum", "step")
GROUPS = (
    (gettext_lazy("How many servers"), LIMITS),
    (gettext_lazy("When one more"), ("metric", "threshold")),
    (gettext_lazy("How early out, how late in"), ("window", "ahead", "calm", "cooldown")),
)
Choices = Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class Offer:
    """What the cloud offers for a new load balancer; the lists are asked for when they are drawn."""

    subnet: Callable[[], Choices]
    servers: Callable[[], Choices]
    certificate: Callable[[], Choices]
    keys: bool


class CreateForm(Form):
    """A new load balancer, with HTTPS where the cloud has a key manager. `token` is this form's own."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=create.LONGEST,
        error_messages={"required": gettext_lazy("Give it a name.")},
    )  # fmt: skip
    subnet = OfferedField(
        label=gettext_lazy("Subnet of its address"),
        error_messages={"required": gettext_lazy("Choose the subnet that its address is from.")},
    )
    protocol = OfferedField(
        label=gettext_lazy("Protocol"), initial="HTTP", widget=forms.Select({"class": SHORT}),
        choices=[(one, LABELS.get(one, one)) for one in create.PROTOCOLS],
        error_messages={"required": gettext_lazy("Choose what it speaks.")},
    )  # fmt: skip
    port = port_field(gettext_lazy("Port"), required=False)
    certificate = OfferedField(label=gettext_lazy("Certificate"), required=False)
    servers = OfferedFields(
        label=gettext_lazy("Servers"), required=False, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    server_port = port_field(gettext_lazy("Their port"), required=False, initial=8080)
    path = forms.CharField(
        label=gettext_lazy("Health check asks for"), required=False, initial="/",
        widget=forms.TextInput({"class": SHORT}),
    )  # fmt: skip
    token = forms.CharField(required=False, widget=forms.HiddenInput, initial=lambda: uuid.uuid4().hex)

    def __init__(self, offer: Offer, **options: Any) -> None:
        super().__init__(**options)
        self.offer = offer
        for name in ("subnet", "servers", "certificate"):
            cast(forms.ChoiceField, self.fields[name]).choices = getattr(offer, name)
        if not offer.keys:
            del self.fields["certificate"]
            plain = [(one, LABELS.get(one, one)) for one in create.PROTOCOLS if one != "HTTPS"]
            cast(forms.ChoiceField, self.fields["protocol"]).choices = plain

    @property
    def wanted(self) -> create.Wanted:
        """What is asked for; a certificate chosen before the protocol was changed means nothing."""
        told = self.cleaned_data
        chosen = tuple((address, subnet) for address, _space, subnet in (one.partition(" ") for one in told["servers"]))
        certificate = told.get("certificate", "") if told["protocol"] == "HTTPS" else ""
        return create.Wanted(
            told["name"], told["subnet"], cast(create.Protocol, told["protocol"]),
            told["port"] or USUAL.get(told["protocol"], 80), told["server_port"] or 8080, chosen, certificate,
            told["path"] or "/",
        )  # fmt: skip


class AddForm(Form):
    """A server for a pool: one of the project's, or an address of one's own."""

    server = OfferedField(label=gettext_lazy("Server"), required=False)
    address = forms.CharField(label=gettext_lazy("Address"), required=False)
    subnet = forms.CharField(required=False, widget=forms.HiddenInput)
    port = port_field(gettext_lazy("Port"))
    weight = weight_field(initial=1, required=False)
    name = forms.CharField(label=gettext_lazy("Name"), required=False, max_length=255)

    def __init__(self, offered: Callable[[], Choices], **options: Any) -> None:
        super().__init__(**options)
        cast(forms.ChoiceField, self.fields["server"]).choices = offered

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        address, _space, subnet = told.get("server", "").partition(" ")
        if not address:
            address, subnet = told.get("address", ""), told.get("subnet", "")
        if not address:
            self.add_error("server", _("Choose a server, or type an address."))
        if told.get("weight") is None:
            told["weight"] = 1
        return {**told, "address": address, "subnet": subnet}


class WeighForm(Form):
    """A member's share of new connections."""

    weight = weight_field()


class MuteForm(Form):
    """For how long warnings are hidden; '0' ends it."""

    hours = forms.ChoiceField(
        label=gettext_lazy("For how long"), choices=(*HOURS, ("0", gettext_lazy("No longer"))), initial="1",
        widget=forms.RadioSelect, error_messages={"required": gettext_lazy("Choose for how long.")},
    )  # fmt: skip

    def __init__(self, muted: str = "", **options: Any) -> None:
        super().__init__(**options)
        ends = ("0", _("No longer (muted until %s now)") % muted)
        cast(forms.ChoiceField, self.fields["hours"]).choices = (*HOURS, ends) if muted or self.is_bound else HOURS


def _amount(label: Any, whole: bool = False) -> forms.Field:
    said = gettext_lazy("This is a whole number.") if whole else gettext_lazy("This is a number.")
    kind = forms.IntegerField if whole else forms.FloatField
    widget = forms.TextInput({"inputmode": "decimal", "class": SHORT})
    return kind(label=label, widget=widget, error_messages={"invalid": said, "required": said})


class RulesForm(Form):
    """When servers come and go by themselves, and between which numbers."""

    on = forms.BooleanField(
        label=gettext_lazy("Scale by itself"), required=False,
        help_text=gettext_lazy(
            "Out when the load crosses the threshold or is about to; in after a long calm, never on a forecast."
        ),
    )  # fmt: skip
    entrust = forms.BooleanField(label=gettext_lazy("Let the care job act for me"), required=False)
    minimum = _amount(gettext_lazy("At least"), whole=True)
    maximum = _amount(gettext_lazy("At most"), whole=True)
    step = _amount(gettext_lazy("At once"), whole=True)
    metric = OfferedField(
        label=gettext_lazy("What is measured"), choices=[(name, UNITS[name]) for name in METRICS],
        error_messages={"required": gettext_lazy("Choose what is measured.")},
    )  # fmt: skip
    threshold = _amount(gettext_lazy("Threshold per server"))
    window = _amount(gettext_lazy("Looks back (s)"))
    ahead = _amount(gettext_lazy("Looks ahead (s)"))
    calm = _amount(gettext_lazy("Calm needed (s)"))
    cooldown = _amount(gettext_lazy("Between two changes (s)"))

    def __init__(self, gives: str = "", **options: Any) -> None:
        """`gives` says what whoever saves it may give with the same press, '' where there is nothing to give."""
        super().__init__(**options)
        self.fields["entrust"].help_text = gives
        if not gives:
            del self.fields["entrust"]

    @staticmethod
    def now(group: Group) -> dict[str, Any]:
        """The answers as they stand."""
        times = {name: f"{getattr(group.rules, name):g}" for name in ("threshold", *GROUPS[2][1])}
        limits = {name: getattr(group, name) for name in LIMITS}
        return {**limits, **times, "metric": group.rules.metric, "on": group.rules.on}

    @property
    def sections(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Its questions under their headings."""
        return [(legend, [self[name] for name in names]) for legend, names in GROUPS]

    def rules(self, group: Group) -> tuple[Rules, dict[str, int]]:
        """The rules and limits that are asked for."""
        told = {name: value for name, value in self.cleaned_data.items() if name != "entrust"}
        limits = {name: told.pop(name) for name in LIMITS}
        return replace(group.rules, **told), limits

    @property
    def entrusts(self) -> bool:
        """Whether it is to scale by itself with this person's authority."""
        return bool(self.cleaned_data["on"] and self.cleaned_data.get("entrust"))

    def refuse_all(self, problems: Mapping[str, str]) -> None:
        """Show what the service layer does not take, each at its field."""
        for name, said in problems.items():
            self.add_error(name, said)


def subnets(rows: Iterable[Mapping[str, Any]]) -> Choices:
    """Subnets as choices."""
    return [(str(one["id"]), f"{one.get('name') or one['id']} · {one.get('cidr', '')}") for one in rows]


def keys(found: Iterable[Certificate]) -> Choices:
    """Certificates as choices."""
    offered: list[tuple[str, Any]] = []
    for one in found:
        kind = _("certificate and key") if one.kind == "container" else _("PKCS12 bundle")
        until = " · " + _("until %s") % one.expires if one.expires else ""
        offered.append((one.ref, f"{one.name} · {kind}{until}"))
    return [("", _("None") if offered else _("The key manager has none")), *offered]


def checkboxes(found: Iterable[servers.Choice]) -> Choices:
    """Servers to tick."""
    return [(one.value, format_html('{} <span class="to-quiet">{}</span>', one.name, one.address)) for one in found]


def members(found: Iterable[servers.Choice]) -> Choices:
    """Servers to choose one of."""
    rest = [
        (one.value, f"{one.name} · {one.address}" + ("" if one.status == "ACTIVE" else f" · {one.status.lower()}"))
        for one in found
    ]
    return [("", _("An address of my own")), *rest]
