"""Addresses of the panel."""

from django.urls import path, re_path

from tenant_ops_dashboard.panels.firewall.views import (
    apply,
    copy,
    create,
    delete,
    edit,
    group,
    intents,
    listing,
    policy,
    probe,
    rebase,
    rule,
    security_group,
    security_group_apply,
    security_group_edit,
    security_groups,
    settings,
    suggest,
    table,
)

GROUP = "group/<slug:group>/"
SECURITY_GROUP = "security-group/<slug:security_group>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("probe/", probe.view, name="probe"),
    path("create/", create.view, name="create"),
    path("suggest/", suggest.view, name="suggest"),
    path("intents/", intents.index, name="intents"),
    path("intents/add/", intents.add, name="intent_add"),
    re_path("^intents/(?P<intent>[0-9a-f]{16})/$", intents.one, name="intent"),
    path(GROUP, group.show, name="group"),
    path(GROUP + "state/", group.state, name="group_state"),
    path(GROUP + "edit/", edit.view, name="edit"),
    path(GROUP + "<slug:way>/rule/", rule.view, name="rule"),
    path(GROUP + "<slug:way>/copy/", copy.view, name="copy"),
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
    path("security-groups/", security_groups.index, name="security_groups"),
    path("security-groups/state/", security_groups.state, name="security_groups_state"),
    path(SECURITY_GROUP, security_group.show, name="security_group"),
    path(SECURITY_GROUP + "state/", security_group.state, name="security_group_state"),
    path(SECURITY_GROUP + "edit/", security_group_edit.view, name="security_group_edit"),
    path(SECURITY_GROUP + "<slug:way>/rule/", security_group_edit.rule, name="security_group_rule"),
    path(SECURITY_GROUP + "apply/", security_group_apply.view, name="security_group_apply"),
    path(SECURITY_GROUP + "rebase/", security_group_apply.rebase, name="security_group_rebase"),
    path(SECURITY_GROUP + "undo/", security_group_apply.take_back, name="security_group_undo"),
]
