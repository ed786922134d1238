"""Old addresses, by name: they lead on where the name stands for one environment, and nothing is done by them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.panels import failures, poll
from tenant_ops_dashboard.panels.environments import permissions
from tenant_ops_dashboard.panels.environments.views.show import TITLE
from tenant_ops_dashboard.sentences import say


@require_http_methods(["GET", "POST"])
@permissions.guarded(permissions.READ, TITLE)
def moved(request: HttpRequest, name: str, rest: str) -> HttpResponse:
    """To the same page under the environment's id."""
    if request.method != "GET":
        failure = failures.Failure(
            _("The address of this page is an old one: pages stand under an environment's id now, not its name."),
            _("Nothing was done. Open the environment from the list and repeat it there."),
            state="warning",
            status=409,
            ways=((reverse(permissions.HOME), _("To the list")),),
        )
        return failures.answer(request, failure, TITLE)
    found = watch.ids(poll.connect(request), name)
    if len(found) > 1:
        raise NotFound(say("Several environments are called {name}: choose one in the list.", name=name))
    if not found:
        raise NotFound(say("This project has no environment called {name}.", name=name[:60]))
    address = reverse("horizon:tenant_ops:environments:show", args=found) + rest
    below = request.path.removesuffix(request.path_info)  # Horizon's WEBROOT, which no pattern knows
    if resolve(address.removeprefix(below)).url_name == "moved":
        raise NotFound(say("There is no such page of {name}.", name=name[:60]))
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)
