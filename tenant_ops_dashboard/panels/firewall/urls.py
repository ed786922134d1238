"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.firewall.views import apply, edit, group, listing, probe, rebase, rule, table

GROUP = "group/<slug:group>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("probe/", probe.view, name="probe"),
    path(GROUP, group.show, name="group"),
    path(GROUP + "state/", group.state, name="group_state"),
    path(GROUP + "edit/", edit.view, name="edit"),
    path(GROUP + "<slug:way>/rule/", rule.view, name="rule"),
    path(GROUP + "<slug:way>/import/", table.read, name="import"),
    path(GROUP + "<slug:way>/rules.<slug:kind>", table.write, name="export"),
    path(GROUP + "apply/", apply.view, name="apply"),
    path(GROUP + "rebase/", rebase.view, name="rebase"),
    path(GROUP + "undo/", apply.take_back, name="undo"),
]
