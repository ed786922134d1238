"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.posture.views import acknowledge, drift, export, finding, listing, review

FINDING = "finding/<slug:finding>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("again/", listing.again, name="again"),
    path(FINDING, finding.show, name="finding"),
    path(FINDING + "acknowledge/", acknowledge.view, name="acknowledge"),
    path(FINDING + "withdraw/", acknowledge.withdraw, name="withdraw"),
    path("review/", review.view, name="review"),
    path("drift/", drift.show, name="drift"),
    path("export/<slug:form>/", export.view, name="export"),
]
