"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.firewall.views import (
    apply,
    create,
    delete,
    edit,
    group,
    listing,
    policy,
    probe,
    rebase,
    rule,
    settings,
    table,
)

GROUP = "group/<slug:group>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("probe/", probe.view, name="probe"),
    path("create/", create.view, name="create"),
    path(GROUP, group.show, name="group"),
    path(GROUP + "state/", group.state, name="group_state"),
    path(GROUP + "edit/", edit.view, name="edit"),
    path(GROUP + "<slug:way>/rule/", rule.view, name="rule"),
    path(GROUP + "<slug:way>/import/", table.read, name="import"),
    path(GROUP + "<slug:way>/rules.<slug:kind>", table.write, name="export"),
    path(GROUP + "apply/", apply.view, name="apply"),
    path(GROUP + "rebase/", rebase.view, name="rebase"),
    path(GROUP + "settings/", settings.view, name="settings"),
    path(GROUP + "delete/", delete.view, name="delete"),
    path(GROUP + "<slug:way>/policy/", policy.show, name="policy"),
    path(GROUP + "<slug:way>/policy/audited/", policy.audited, name="audited"),
    path(GROUP + "<slug:way>/policy/share/", policy.share, name="share"),
    path(GROUP + "undo/", apply.take_back, name="undo"),
]
