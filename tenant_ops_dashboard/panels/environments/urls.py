"""Addresses of the panel. Names of environments stand below environment/, so that none hides a page."""

from django.urls import path, re_path

from tenant_ops_dashboard.panels.environments import act, index, launch, show

NAME = r"^environment/(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,254})/"

urlpatterns = [
    path("", index.index, name="index"),
    path("state/", index.state, name="state"),
    path("launch/", launch.launch, name="launch"),
    path("launch/plan/", launch.plan, name="plan"),
    path("launch/download/<slug:what>/", launch.download, name="download"),
    re_path(NAME + r"$", show.show, name="show"),
    re_path(NAME + r"state/$", show.state, name="show_state"),
    re_path(NAME + r"retry/$", act.retry, name="retry"),
    re_path(NAME + r"rollback/$", act.rollback, name="rollback"),
    re_path(NAME + r"delete/$", act.delete, name="delete"),
    re_path(NAME + r"keep/$", act.keep, name="keep"),
    re_path(NAME + r"restart/(?P<key>[A-Za-z0-9_.-]{1,200})/$", act.restart, name="restart"),
    re_path(NAME + r"prove/$", act.prove, name="prove"),
    re_path(NAME + r"care/$", act.care, name="care"),
]
