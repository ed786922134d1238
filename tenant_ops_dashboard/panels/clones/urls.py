"""Addresses of the panel."""

from django.urls import path

from tenant_ops_dashboard.panels.clones.views import ask, decide, hold, listing, offer, refresh, show, trust

OFFER = "offer/<slug:offer>/"
CLONE = "clone/<slug:clone>/"

urlpatterns = [
    path("", listing.index, name="index"),
    path("state/", listing.state, name="state"),
    path("offer/", offer.make, name="offer"),
    path(OFFER + "request/", ask.view, name="request"),
    path(OFFER + "withdraw/", offer.withdraw, name="withdraw"),
    path(CLONE, show.show, name="show"),
    path(CLONE + "state/", show.state, name="show_state"),
    path(CLONE + "approve/", decide.approve, name="approve"),
    path(CLONE + "deny/", decide.deny, name="deny"),
    path(CLONE + "pin/", decide.pin, name="pin"),
    path(CLONE + "extend/", hold.extend, name="extend"),
    path(CLONE + "refresh/", refresh.view, name="refresh"),
    path(CLONE + "revert/", refresh.back, name="revert"),
    path(CLONE + "release/", hold.release, name="release"),
    path(CLONE + "reclaim/", hold.reclaim, name="reclaim"),
    path("trust/", trust.give, name="trust"),
    path("trust/<slug:trust>/revoke/", trust.revoke, name="revoke"),
]
