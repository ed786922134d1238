"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.audit.views import event, export, listing

urlpatterns = [
    path("", listing.index, name="index"),
    path("event/<uuid:event>/", event.show, name="event"),
    path("export/<slug:form>/", export.export, name="export"),
]
