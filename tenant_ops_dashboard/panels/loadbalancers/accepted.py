"""What is said of a change: that OpenStack accepted it, with its request id. The page's state tells when it is so."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.asked import Asked
from tenant_ops_dashboard.loadbalancers.undo import Undo
from tenant_ops_dashboard.panels import boundary, said, words
from tenant_ops_dashboard.panels.loadbalancers import history, last, permissions, state


@dataclass(frozen=True)
class Told:
    """`doing` is a sentence without its end, of `doing.words`; `asked` is what a look waits to see.

    `already` says that nothing was sent, because it is so; `undo` is the way back, where there is one.
    """

    doing: str
    request_id: str = ""
    already: bool = False
    asked: Asked | None = None
    undo: Undo | None = None
    service: str = "Octavia"
    kind: str = "edit"

    def sentence(self) -> str:
        """The whole of it."""
        if self.already:
            return _("Nothing was changed: it is so already, or on its way.")
        if not self.request_id:
            return _("%(doing)s: %(service)s accepted it.") % {"doing": words.told(self.doing), "service": self.service}
        return _("%(doing)s: %(service)s accepted it (request %(id)s).") % {
            "doing": words.told(self.doing), "service": self.service, "id": self.request_id,
        }  # fmt: skip


def back(request: HttpRequest, cloud: Cloud, balancer_id: str, told: Told, pool_id: str = "") -> HttpResponse:
    """Say it, put 'asked for' onto the time line, and go back to the page with the load balancer open.

    A script is told what to say in the row.
    """
    if not told.already:
        history.asked_for(cloud, balancer_id, told.doing, told.kind, told.asked)
    state.forget(request)
    way = last.address(told.undo, balancer_id, pool_id) if told.undo else ""
    if boundary.is_script(request):
        return said.answer(request, said.Said(told.sentence(), "planned" if told.already else "building", way))
    if way:
        linked = format_html('{} <a href="{}" id="undo">{}</a>', told.sentence(), way, _("Undo…"))
        messages.success(request, linked, extra_tags="safe")
    else:
        (messages.info if told.already else messages.success)(request, told.sentence())
    return _home(balancer_id)


def done(request: HttpRequest, cloud: Cloud, balancer_id: str, sentence: str, way: str = "") -> HttpResponse:
    """The same for what is done when this is said: what the dashboard itself keeps. `way` takes it back."""
    history.remember(cloud, balancer_id, sentence)
    state.forget(request)
    if boundary.is_script(request):
        return said.answer(request, said.Said(words.told(sentence), "good", way))
    messages.success(request, words.told(sentence))
    return _home(balancer_id)


def _home(balancer_id: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(permissions.HOME)}?open={balancer_id}#lb-{balancer_id}")
