"""What the panel asks people: a rule, a table of rules, a packet."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.firewall import tables
from tenant_ops_dashboard.firewall.given import LONGEST
from tenant_ops_dashboard.firewall.model import ACTIONS, PROTOCOLS, Rule
from tenant_ops_dashboard.panels.forms import SHORT, Form, number_field

ANY = ("", _("any"))
VERSIONS = (("4", "IPv4"), ("6", "IPv6"))
ACTION_WORDS = {"allow": _("allow"), "deny": _("deny (drop without a word)"), "reject": _("reject (tell the sender)")}
ALTHOUGH = "although"  # the button that applies in spite of broken intents
PACKETS = ("tcp", "udp", "sctp", "icmp")


def _text(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=LONGEST, **options)


def _ports(label: Any) -> forms.CharField:
    hint = {"class": SHORT, "placeholder": "80, 8000:8080"}
    return _text(label, widget=forms.TextInput(hint))


class RuleForm(Form):
    """One rule, with where it comes to stand."""

    name = _text(_("Name"))
    action = forms.ChoiceField(
        label=_("Action"), choices=[(one, ACTION_WORDS[one]) for one in ACTIONS], initial="allow"
    )
    protocol = forms.ChoiceField(
        label=_("Protocol"), required=False, choices=[ANY, *((one, one) for one in PROTOCOLS)], initial="tcp",
    )  # fmt: skip
    ip_version = forms.ChoiceField(label=_("IP version"), choices=VERSIONS, initial="4")
    source_ip_address = _text(_("From"), widget=forms.TextInput({"placeholder": "192.0.2.0/24"}))
    source_port = _ports(_("From port"))
    destination_ip_address = _text(_("To"), widget=forms.TextInput({"placeholder": "10.0.0.0/24"}))
    destination_port = _ports(_("To port"))
    description = _text(_("Description"))
    enabled = forms.BooleanField(label=_("Switched on"), required=False, initial=True)
    position = number_field(
        _("Position"), 1, 5001, _("A position is a whole number from 1."), required=False,
        help_text=_("The first rule that matches decides. Empty: at the end."),
    )  # fmt: skip
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def told(self) -> dict[str, Any]:
        """The rule's fields as they were typed; what is empty is any."""
        told = self.cleaned_data
        nullable = ("protocol", "source_ip_address", "source_port", "destination_ip_address", "destination_port")
        return {
            **{key: told[key].strip() or None for key in nullable},
            **{key: told[key] for key in ("name", "description", "action", "enabled")},
            "ip_version": int(told["ip_version"]),
        }


def initial(rule: Rule) -> dict[str, Any]:
    """What the form shows of a rule that is changed."""
    return {key: "" if value is None else value for key, value in vars(rule).items()}


class ImportForm(Form):
    """Rules as a table or JSON, pasted or from a file."""

    text = forms.CharField(
        label=_("Rules"), required=False, max_length=tables.MOST_TEXT, widget=forms.Textarea({"rows": 10}),
        help_text=_("CSV with a line of names, tab-separated cells from a spreadsheet, or a JSON list."),
    )  # fmt: skip
    file = forms.FileField(label=_("or a file"), required=False)
    replace = forms.BooleanField(label=_("Replace the rules that are there"), required=False)
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        chosen = told.get("file")
        if chosen is not None:
            if chosen.size > tables.MOST_TEXT:
                self.add_error("file", _("This file is too large for rules."))
            else:
                try:
                    told["text"] = chosen.read().decode("utf-8-sig")
                except UnicodeDecodeError:
                    self.add_error("file", _("This file is no UTF-8 text."))
        return told


class ProbeForm(Form):
    """One packet: from where to where."""

    source = forms.CharField(
        label=_("From"), initial="internet", max_length=LONGEST, widget=forms.TextInput({"list": "ends"}),
        help_text=_("internet, an address, port:ID, server:NAME, network:NAME or tier:ENVIRONMENT/TIER."),
        error_messages={"required": _("Say where it comes from.")},
    )  # fmt: skip
    target = forms.CharField(
        label=_("To"), max_length=LONGEST, widget=forms.TextInput({"list": "ends"}),
        error_messages={"required": _("Say where it goes.")},
    )  # fmt: skip
    protocol = forms.ChoiceField(label=_("Protocol"), choices=[(one, one) for one in PACKETS], initial="tcp")
    port = number_field(_("Port"), 1, 65535, _("A port is a whole number from 1 to 65535."), required=False)


class ApplyForm(Form):
    """The last question before a draft is in force."""

    reason = _text(_("Reason"), help_text=_("For the audit trail; it may stay empty."))
    override = _text(_("Why although it breaks an intent"), help_text=_("The audit trail keeps it with your name."))
    version = forms.CharField(required=False, widget=forms.HiddenInput)
    broken = forms.CharField(required=False, widget=forms.HiddenInput)

    @property
    def although(self) -> frozenset[str]:
        """The ids of intents that may break: those that the page showed, where its button for that was pressed."""
        return frozenset(self.cleaned_data["broken"].split()) if self.data.get("do") == ALTHOUGH else frozenset()

    @property
    def why(self) -> str:
        """For the audit trail."""
        override = f"although it breaks an intent: {self.cleaned_data['override']}" if self.although else ""
        return "; ".join(one for one in (override, self.cleaned_data["reason"]) if one)

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if self.data.get("do") == ALTHOUGH and not told.get("override", "").strip():
            self.add_error("override", _("Say why it is to be applied although it breaks an intent."))
        return told
