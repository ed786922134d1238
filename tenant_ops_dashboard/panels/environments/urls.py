"""Addresses of the panel: an environment's pages stand under its stack's id, whatever it is called."""

from django.urls import path, re_path

from tenant_ops_dashboard.panels.environments.views import (
    actions,
    import_own,
    intents,
    launch,
    listing,
    redirects,
    show,
)

ID = r"^environment/(?P<stack_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"
# Where these pages stood before, by a name as Heat allows it.
NAME = r"^environment/(?P<name>[A-Za-z0-9][A-Za-z0-9_.-]{0,254})/(?P<rest>.{0,250})$"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("launch/", launch.launch, name="launch"),
    path("launch/import/", import_own.import_own, name="import"),
    path("launch/plan/", launch.plan, name="plan"),
    path("launch/download/<slug:what>/", launch.download, name="download"),
    re_path(ID + r"$", show.show, name="show"),
    re_path(ID + r"state/$", show.state, name="show_state"),
    re_path(ID + r"retry/$", actions.retry, name="retry"),
    re_path(ID + r"rollback/$", actions.rollback, name="rollback"),
    re_path(ID + r"delete/$", actions.delete, name="delete"),
    re_path(ID + r"keep/$", actions.keep, name="keep"),
    re_path(ID + r"restart/(?P<key>[A-Za-z0-9_.-]{1,200})/$", actions.restart, name="restart"),
    re_path(ID + r"prove/$", actions.prove, name="prove"),
    re_path(ID + r"care/$", actions.care, name="care"),
    re_path(ID + r"intents/add/$", intents.add, name="intent_add"),
    re_path(ID + r"intents/(?P<intent>[0-9a-f]{16})/$", intents.one, name="intent"),
    re_path(NAME, redirects.moved, name="moved"),
]
