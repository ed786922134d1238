"""Addresses of the panel: an environment's pages stand under its stack's id, whatever it is called."""

from django.urls import path, re_path

from tenant_ops_dashboard.panels.environments import act, index, launch, moved, show

ID = r"^environment/(?P<stack_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
# Where these pages stood before, by a name as Heat allows it.
NAME = r"^environment/(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,254})/(?P<rest>.{0,250})$"

urlpatterns = [
    path("", index.index, name="index"),
    path("state/", index.state, name="state"),
    path("launch/", launch.launch, name="launch"),
    path("launch/plan/", launch.plan, name="plan"),
    path("launch/download/<slug:what>/", launch.download, name="download"),
    re_path(ID + r"$", show.show, name="show"),
    re_path(ID + r"state/$", show.state, name="show_state"),
    re_path(ID + r"retry/$", act.retry, name="retry"),
    re_path(ID + r"rollback/$", act.rollback, name="rollback"),
    re_path(ID + r"delete/$", act.delete, name="delete"),
    re_path(ID + r"keep/$", act.keep, name="keep"),
    re_path(ID + r"restart/(?P<key>[A-Za-z0-9_.-]{1,200})/$", act.restart, name="restart"),
    re_path(ID + r"prove/$", act.prove, name="prove"),
    re_path(ID + r"care/$", act.care, name="care"),
    re_path(NAME, moved.moved, name="moved"),
]
