"""What the panel asks people: what they offer, what they ask for and for how long, why they deny."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.clones.terms import LONGEST_NAME, LONGEST_PURPOSE, MOST_CLONES, words
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels.forms import SHORT, Form, OfferedField, number_field
from tenant_ops_dashboard.sentences import bare

Choices = Iterable[tuple[str, Any]]


class Told(Form):
    """A form whose field says what the sentence is about: the sentence itself says it no more."""

    def refuse(self, error: BadInput) -> None:
        super().refuse(BadInput(bare(error.sentence, error.field), field=error.field))


class OfferForm(Told):
    """A volume, who may ask for copies of it, and the rules for those."""

    volume = OfferedField(
        label=_("Which data"),
        error_messages={"required": _("Choose the volume, or the environment, whose data others may have copies of.")},
    )
    to = forms.CharField(
        label=_("Who may ask"), strip=True, widget=forms.Textarea({"rows": 2}),
        help_text=_(
            "Projects by name or id, one a line. A name is one of your own domain; of a project that you do not see"
            " yourself write the id, or whichever project has that name later may ask, too."
        ),
        error_messages={"required": _("Name at least one project that may ask.")},
    )  # fmt: skip
    approve = OfferedField(
        label=_("Each request"), required=False, initial=Terms.approve, widget=forms.RadioSelect,
        choices=[("ask", _("waits until somebody of this project approves it")), ("auto", _("is granted at once"))],
    )  # fmt: skip
    max_lease = forms.CharField(
        label=_("A copy stays for at most"), initial=words(Terms.longest).replace(" ", ""),
        widget=forms.TextInput({"class": SHORT}), help_text=_("A span such as 30m, 8h or 2d."),
        error_messages={"required": _("Say how long a copy may stay.")},
    )  # fmt: skip
    max_clones = number_field(
        _("Copies at once, at most"), 1, MOST_CLONES, _("This is a whole number from 1 to %d.") % MOST_CLONES,
        initial=Terms.most,
    )  # fmt: skip

    consistency = OfferedField(
        label=_("While it is copied"), required=False, initial=Terms.consistency, widget=forms.RadioSelect,
        choices=[
            ("running", _("whatever uses it goes on: a database starts on the copy as after a power cut")),
            ("paused", _("its server is paused for some seconds: all of the copy is of one moment")),
            ("stopped", _("its server is stopped and started again: the copy is as after a clean stop")),
        ],
    )  # fmt: skip
    deliver = OfferedField(
        label=_("Each copy"), required=False, initial=Terms.deliver, widget=forms.RadioSelect,
        choices=[
            ("handed-over", _("is handed over: it is a volume of theirs, and ends by the authority that they lend")),
            ("served", _("is served: server and data stay here, and you can end it at any moment without them; they "
                         "reach the database in a network that is shared with them")),
        ],
    )  # fmt: skip
    mask = forms.CharField(
        label=_("Script that masks each copy"), required=False, strip=False, widget=forms.Textarea({"rows": 4}),
        help_text=_("It runs in this project, in a server without a network, before anybody gets the copy."),
    )

    golden = forms.CharField(
        label=_("A copy is kept ready, and made anew when it is older than"), required=False,
        widget=forms.TextInput({"class": SHORT}),
        help_text=_(
            "A span such as 24h; nothing: none is kept. Requests are served from it, and wait for no pause and no mask."
            " It takes as many GB of this project's quota as the volume has, and twice that while it is made anew."
        ),
    )  # fmt: skip

    def __init__(self, volumes: Callable[[], Choices], masks: bool, serves: bool, **options: Any) -> None:
        super().__init__(**options)
        cast(forms.ChoiceField, self.fields["volume"]).choices = volumes
        if not masks:
            del self.fields["mask"]
        if not serves:
            del self.fields["deliver"]

    @property
    def projects(self) -> list[str]:
        """What was named, one by one."""
        return re.split(r"[\n,]", str(self.cleaned_data["to"]))


class RequestForm(Told):
    """What to get, how long, and what it is called; what for is asked in a fold."""

    GETS = (
        ("volume", _("the volume alone")),
        ("server", _("a database server on it, in a network of its own that nobody else gets into")),
        ("environment", _("a test environment whose database stands on it")),
    )  # fmt: skip
    get = OfferedField(
        label=_("What to get"), required=False, initial="volume", widget=forms.RadioSelect, choices=GETS,
    )  # fmt: skip

    lease = forms.CharField(
        label=_("How long"), widget=forms.TextInput({"class": SHORT}),
        error_messages={"required": _("Say how long you need it: 30m, 8h or 2d.")},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, error_messages={"required": _("Give it a name.")},
        help_text=_("The same name asked for again is the same copy."),
    )  # fmt: skip
    purpose = forms.CharField(
        label=_("What for"), required=False, max_length=LONGEST_PURPOSE, strip=True,
        widget=forms.Textarea({"rows": 2, "maxlength": LONGEST_PURPOSE}),
        help_text=_("Its owner reads this before he decides."),
    )  # fmt: skip

    flavor = forms.ChoiceField(
        label=_("Size of a server"), required=False,
        help_text=_("Of a database server; those of an environment are what its blueprint proposes."),
    )  # fmt: skip
    revertible = forms.BooleanField(
        label=_("Keep a snapshot to go back to"), required=False,
        help_text=_("It takes one snapshot and as many GB again of this project's quota."),
    )  # fmt: skip

    BOOTED = ("server", _("a server that starts from it, in a network of its own that nobody else gets into"))

    def __init__(
        self, gets: Collection[str], flavors: Collection[tuple[str, str]], reverts: bool = True, bootable: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        cast(forms.ChoiceField, self.fields["flavor"]).choices = [("", _("what its blueprint proposes")), *flavors]
        if not flavors:
            del self.fields["flavor"]
        field = cast(forms.ChoiceField, self.fields["get"])
        known = [RequestForm.BOOTED if bootable and one[0] == "server" else one for one in RequestForm.GETS]
        field.choices = [one for one in known if one[0] in gets]
        if len(field.choices) < 2:
            del self.fields["get"]
        if not reverts:
            del self.fields["revertible"]


class DenyForm(Told):
    """Why somebody does not get a copy."""

    reason = forms.CharField(
        label=_("Why not"), max_length=LONGEST_PURPOSE, strip=True,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST_PURPOSE}),
        error_messages={"required": _("Say why; whoever asked reads that.")},
    )  # fmt: skip


class ExtendForm(Told):
    """How much longer."""

    by = forms.CharField(
        label=_("How much longer"), initial="1h", widget=forms.TextInput({"class": SHORT}),
        help_text=_("A span such as 30m, 2h or 1d, from its end on."),
        error_messages={"required": _("Say how much longer: 30m, 2h or 1d.")},
    )  # fmt: skip
