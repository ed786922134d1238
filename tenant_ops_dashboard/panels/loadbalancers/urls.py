"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.loadbalancers.views import (
    add_member,
    create,
    listing,
    member_actions,
    scaling,
    servers,
    undo,
    why,
)

BALANCER = "balancer/<slug:balancer>/"
MEMBER = BALANCER + "member/<slug:member>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("create/", create.view, name="create"),
    path(BALANCER + "mute/<slug:target>/", member_actions.mute, name="mute"),
    path(BALANCER + "servers/", servers.servers, name="servers"),
    path(BALANCER + "scaling/", scaling.rules, name="rules"),
    path(BALANCER + "entrust/", scaling.entrust, name="entrust"),
    path(BALANCER + "repair/", scaling.repair, name="repair"),
    path(BALANCER + "scale/<slug:direction>/", scaling.now, name="scale"),
    path(BALANCER + "pool/<slug:pool>/add/", add_member.add, name="add"),
    path(BALANCER + "pool/<slug:pool>/undo/", undo.view, name="undo"),
    path(MEMBER + "why/", why.why, name="why"),
    path(MEMBER + "<slug:verb>/", member_actions.change, name="change"),
]
