"""The rules that let one end reach another, or close it: looked at, then kept as this person's drafts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.security_groups import content
from tenant_ops_dashboard.firewall.security_groups.model import Draft as GroupDraft
from tenant_ops_dashboard.firewall.suggest import Suggestion
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import permissions, state, wishes
from tenant_ops_dashboard.panels.firewall.views import probe
from tenant_ops_dashboard.records import drafts
from tenant_ops_dashboard.records.drafts import KeptDraft
from tenant_ops_dashboard.sentences import say


class DraftInTheWay(InTheWay):
    """This person has a draft of a group that a suggestion would write over."""

    todo = say("Apply or discard that draft first, then ask again.")


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.EDIT, changes=False)
def view(request: HttpRequest) -> HttpResponse:
    """Ask for a suggestion; the question is in the address. A POST keeps the drafts that the page showed."""
    asked = request.method == "POST" or "target" in request.GET
    given = request.POST if request.method == "POST" else request.GET
    form = wishes.WishForm(data=given) if asked else wishes.WishForm()
    snapshot = state.state(request)
    found = snapshot.value
    made = form.answered(request, found) if asked and form.is_valid() else None
    if request.method == "POST" and made is not None:
        return _keep(request, made)
    context = {
        "page_title": _("Suggest rules"), "form": form, "action": request.path, "offered": probe.offered(found),
        "snapshot": snapshot, "since": state.older(snapshot),
        "made": wishes.shown(found, made) if made else None,
        "asked": {name: form.cleaned_data[name] for name in form.fields} if made else {},
    }  # fmt: skip
    return render(request, "tenant_ops/firewall/suggest.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, made: Suggestion) -> HttpResponse:
    """All of the drafts or none. Raises ElsewhereChanged, DraftInTheWay."""
    if request.POST.get("shown", "") != wishes.token(made):
        raise drafts.ElsewhereChanged(say("What is in force changed after this page was shown; nothing was kept."))
    cloud, now = poll.connect(request), timezone.now()
    wanted: list[tuple[str, Draft | GroupDraft, int]] = []
    for one in made.firewall:
        group = one.state.group
        if (version := _version(drafts.load(cloud, group.id, now), one, group.name)) is not None:
            wanted.append((group.id, one, version))
    for other in made.security_groups:
        state_ = other.state
        if (version := _version(drafts.load_security_group(cloud, state_.id, now), other, state_.name)) is not None:
            wanted.append((state_.id, other, version))
    drafts.save_all(cloud, wanted, now)
    names = wishes.names(made)
    if not names:
        return redirect(reverse(permissions.HOME))
    messages.success(request, _("The rules are in your drafts of %s.") % ", ".join(names))
    if len(names) > 1:
        messages.warning(request, _("Apply each of them: the wish comes true with the last one."))
    return redirect(wishes.reviews(made))


def _version(kept: KeptDraft[Draft] | KeptDraft[GroupDraft] | None, new: Draft | GroupDraft, name: str) -> int | None:
    """The version to write over, None where the draft is there already. Raises DraftInTheWay for one with edits."""
    if kept is None:
        return 0
    if kept.draft is not None and kept.draft.state == new.state:
        return None
    if kept.draft is None or _edited(kept.draft):
        raise DraftInTheWay(say("You have a draft of {name} with other changes; nothing was kept.", name=name))
    return kept.version


def _edited(draft: Draft | GroupDraft) -> bool:
    """Whether a draft changes something; rules of a security group have no order, and those that came back no id."""
    if isinstance(draft, Draft) or draft.base.was is None:
        return draft.state != draft.base.was
    return not content.same(draft.state, draft.base.was)
