"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.loadbalancers import act, add, create, index, reason, scaling, undo

BALANCER = "balancer/<slug:balancer>/"
MEMBER = BALANCER + "member/<slug:member>/"

urlpatterns = [
    path("", index.index, name="index"),
    path("state/", index.state, name="state"),
    path("create/", create.view, name="create"),
    path(BALANCER + "mute/<slug:target>/", act.mute, name="mute"),
    path(BALANCER + "scaling/", scaling.rules, name="rules"),
    path(BALANCER + "repair/", scaling.repair, name="repair"),
    path(BALANCER + "scale/<slug:direction>/", scaling.now, name="scale"),
    path(BALANCER + "pool/<slug:pool>/add/", add.add, name="add"),
    path(BALANCER + "pool/<slug:pool>/undo/", undo.view, name="undo"),
    path(MEMBER + "why/", reason.why, name="why"),
    path(MEMBER + "<slug:verb>/", act.change, name="change"),
]
