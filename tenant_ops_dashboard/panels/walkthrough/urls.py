"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.walkthrough.views import act, listing, reset, show

SCENARIO = "scenario/<slug:scenario>/"
STEP = SCENARIO + "step/<slug:step>/"
PRESENT = {"view": "present"}

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("look/", listing.look, name="look"),
    path("reset/", reset.view, name="reset_all"),
    path("reset/state/", reset.state, name="reset_all_state"),
    path(SCENARIO, show.current, name="show"),
    path(SCENARIO + "reset/", reset.view, name="reset"),
    path(SCENARIO + "reset/state/", reset.state, name="reset_state"),
    path(STEP, show.show, name="step"),
    path(STEP + "state/", show.state, name="step_state"),
    path(STEP + "present/", show.show, PRESENT, name="present"),
    path(STEP + "present/state/", show.state, PRESENT, name="present_state"),
    path(STEP + "present/<slug:button>/", act.press, PRESENT, name="present_act"),
    path(STEP + "<slug:button>/", act.press, name="act"),
]
