"""What people do to an environment: retry, roll back, delete, unattended care. By POST only, checked on the server."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments import launch as launching
from tenant_ops_dashboard.environments import restart as restarting
from tenant_ops_dashboard.environments import unattended, watch
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.loadbalancers.scaling import group
from tenant_ops_dashboard.panels import cared, poll, words
from tenant_ops_dashboard.panels.environments import forms, permissions, proofs, state

DELETE = gettext_lazy("Delete environment")
ROLL_BACK = gettext_lazy("Roll back")
KEEP = gettext_lazy("Keep the data")
RESTART = gettext_lazy("Restart a server")
RETRY = gettext_lazy("Retry")
PROVE = gettext_lazy("Proofs")
CARE = gettext_lazy("Unattended care")


@require_POST
@permissions.guarded(permissions.LAUNCH, RETRY)
def retry(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Let Heat go on where it stopped."""
    found = launching.retry(poll.connect(request), stack_id)
    return _back(request, found, _("%s is being tried again.") % found.name)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.DELETE, ROLL_BACK)
def rollback(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Take away what a failed launch left; asks first."""
    cloud = poll.connect(request)
    environment = watch.details(cloud, stack_id).environment
    if request.method == "POST":
        launching.rollback(cloud, environment.id)
        return _back(request, environment, _("%s is being rolled back.") % environment.name)
    loss = deleting.losses(cloud, environment)
    title = _("Roll back %s") % environment.name
    return _ask(request, "rollback", environment, title, _("What the launch made is taken away again."), {"loss": loss})


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.DELETE, DELETE)
def delete(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Take the environment away; its page says what goes and what stays, and asks for the name where data goes."""
    cloud = poll.connect(request)
    environment = watch.details(cloud, stack_id).environment
    form = forms.DeleteForm.of(request, environment.name)
    if request.method == "POST" and form.is_valid():
        deleting.delete(cloud, environment.id, data=form.cleaned_data["data"])
        return _back(request, environment, _("%s is being taken away.") % environment.name)
    more = {"loss": deleting.losses(cloud, environment), "form": form}
    answer = _("Read what goes before you press the button.")
    return _ask(request, "delete", environment, _("Delete %s") % environment.name, answer, more)


@require_POST
@permissions.guarded(permissions.DELETE, KEEP)
def keep(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Take back that the data goes with the environment."""
    cloud = poll.connect(request)
    environment = watch.details(cloud, stack_id).environment
    data_actions.keep(cloud, environment.id)
    return _back(request, environment, _("The data of %s is kept.") % environment.name)


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.RESTART, RESTART)
def restart(request: HttpRequest, stack_id: str, key: str) -> HttpResponse:
    """Restart one server; asks first."""
    cloud = poll.connect(request)
    details = watch.details(cloud, stack_id)
    if request.method == "POST":
        box = restarting.restart(cloud, stack_id, key)
        return _back(
            request, details.environment, _("%s restarts; the picture shows when it is back.") % words.told(box.title)
        )
    box = restarting.find(details, key)
    context = {
        "page_title": _("Restart %s") % words.told(box.title),
        "environment": details.environment,
        "key": key,
        "box": box,
    }
    return render(request, "tenant_ops/environments/restart.html", context)


@require_POST
@permissions.guarded(permissions.LAUNCH, PROVE)
def prove(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Send packets to what is promised to answer, and to what is promised not to."""
    # Where packets go is asked now: an address of some minutes ago may be somebody else's.
    proofs.send(request, watch.details(poll.connect(request), stack_id, personal=False))
    return HttpResponseRedirect(reverse("horizon:tenant_ops:environments:show", args=[stack_id]))


@require_POST
@permissions.guarded(permissions.CARE, CARE)
def care(request: HttpRequest, stack_id: str) -> HttpResponse:
    """Give the plugin's service user a trust for this environment, or take it back."""
    cloud = poll.connect(request)
    environment = watch.details(cloud, stack_id).environment
    if request.POST.get("do") == "revoke":
        unattended.revoke(cloud, environment)
        cared.revoked(cloud.project_id, environment.id)
        said = _("Unattended care of %s is off.") if not _scales(cloud, stack_id) else _(
            "Unattended care of %s is off, and it scales no more by itself, unless a colleague entrusted it as well."
        )  # fmt: skip
        return _back(request, environment, said % environment.name)
    unattended.give(cloud, environment)
    return _back(request, environment, _("Unattended care of %s is on.") % environment.name)


def _scales(cloud: Cloud, stack_id: str) -> bool:
    """Whether it should scale by itself; where Heat does not say, nothing is said of it."""
    try:
        found = stack.by_id(cloud, stack_id)
        return found is not None and group.switched_on(cloud, found)
    except CloudError:
        return False


def _ask(
    request: HttpRequest, verb: str, environment: Environment, title: str, answer: str, more: dict[str, Any]
) -> HttpResponse:
    action = reverse(f"horizon:tenant_ops:environments:{verb}", args=[environment.id])
    context = {
        "page_title": title, "button": title, "answer": answer, "environment": environment,
        "action": action, **more,
    }  # fmt: skip
    form = more.get("form")
    status = 422 if form is not None and form.errors else 200
    return render(request, "tenant_ops/environments/delete.html", context, status=status)


def _back(request: HttpRequest, environment: Environment, said: str) -> HttpResponse:
    state.forget(request, environment.id)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("horizon:tenant_ops:environments:show", args=[environment.id]))
