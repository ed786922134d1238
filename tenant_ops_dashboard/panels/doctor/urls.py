"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.doctor.views import show

urlpatterns = [
    path("", show.index, name="index"),
    path("state/", show.state, name="state"),
    path("look/", show.look, name="look"),
]
