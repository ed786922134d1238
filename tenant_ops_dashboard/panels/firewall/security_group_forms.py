"""What the pages of a security group ask: a rule, and the last question before a draft is in force."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.given import LONGEST
from tenant_ops_dashboard.firewall.model import Direction
from tenant_ops_dashboard.firewall.security_groups.draft import ETHERTYPES
from tenant_ops_dashboard.firewall.security_groups.model import Rule
from tenant_ops_dashboard.firewall.security_groups.words import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.panels.forms import SHORT, Form, OfferedField

USUAL = ("tcp", "udp", "icmp", "ipv6-icmp", "sctp", "esp", "ah", "gre", "vrrp")


def _short(label: Any, **options: Any) -> forms.CharField:
    hint = {"class": SHORT, "inputmode": "numeric"}
    return forms.CharField(label=label, required=False, max_length=10, widget=forms.TextInput(hint), **options)


class RuleForm(Form):
    """One rule of a security group; of the remote sides one may be named."""

    ethertype = forms.ChoiceField(label=_("IP version"), choices=[(one, one) for one in ETHERTYPES], initial="IPv4")
    protocol = forms.CharField(
        label=_("Protocol"), required=False, max_length=20, initial="tcp",
        widget=forms.TextInput({"list": "protocols", "class": SHORT}),
        help_text=_("A name or a number from 0 to 255."),
    )  # fmt: skip
    port_range_min = _short(_("First port"), help_text=_("The type, for ICMP."))
    port_range_max = _short(_("Last port"), help_text=_("The code, for ICMP. Empty: the first port alone."))
    remote_ip_prefix = forms.CharField(
        label=_("Addresses"), required=False, max_length=LONGEST,
        widget=forms.TextInput({"placeholder": "192.0.2.0/24"}),
    )  # fmt: skip
    remote_group_id = OfferedField(label=_("or members of a security group"), required=False)
    remote_address_group_id = OfferedField(label=_("or an address group"), required=False)
    description = forms.CharField(label=_("Description"), required=False, max_length=LONGEST)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, known: Names, seen: Seen, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field, kind in (("remote_group_id", "security_groups"), ("remote_address_group_id", "address_groups")):
            offered = sorted((known[str(one["id"])], str(one["id"])) for one in seen.rows(kind))
            asked = cast(OfferedField, self.fields[field])
            asked.choices = [("", _("none")), *((id_, name) for name, id_ in offered)]
        self.protocols = USUAL

    def rule(self, direction: Direction) -> Rule:
        """The rule as it was typed; what is empty is any. Raises BadDraft for a port that is no number."""
        told = {key: (value or "").strip() or None for key, value in self.cleaned_data.items() if key != "version"}
        protocol = (told["protocol"] or "").lower()
        low, high = (_number(told[name], name) for name in ("port_range_min", "port_range_max"))
        if high is None and protocol not in ("icmp", "ipv6-icmp", "icmpv6", "1", "58"):
            high = low
        return Rule(
            direction=direction, ethertype=self.cleaned_data["ethertype"], port_range_min=low, port_range_max=high,
            protocol=protocol if protocol not in ("", "any") else None, remote_ip_prefix=told["remote_ip_prefix"],
            remote_group_id=told["remote_group_id"], remote_address_group_id=told["remote_address_group_id"],
            description=told["description"] or "",
        )  # fmt: skip


def initial(rule: Rule) -> dict[str, Any]:
    """What the form shows of a rule that is changed."""
    return {key: "" if value is None else value for key, value in vars(rule).items()}


def _number(told: str | None, field: str) -> int | None:
    if told is None:
        return None
    if not (told.isascii() and told.isdigit()):
        raise BadDraft(field, "must be a whole number.")
    return int(told)
