"""Addresses of the API, below the dashboard's own. A new one has its operations in openapi.json."""

from django.urls import path, re_path

from tenant_ops_dashboard.api import audit, care, clones, doctor, intents, posture, versions, walkthrough
from tenant_ops_dashboard.panels import boundary

urlpatterns = [
    path("", versions.versions, name="api_versions"),
    path("v1/", versions.versions, name="api_version"),
    path("v1/openapi.json", versions.openapi, name="api_openapi"),
    path("v1/audit", audit.view, name="api_audit"),
    path("v1/care", care.view, name="api_care"),
    path("v1/clones/offers", clones.all_offers, name="api_clone_offers"),
    path("v1/clones/offers/<str:offer>", clones.one_offer, name="api_clone_offer"),
    path("v1/clones/trusts", clones.all_trusts, name="api_clone_trusts"),
    path("v1/clones/trusts/<str:trust>", clones.one_trust, name="api_clone_trust"),
    path("v1/clones", clones.all_clones, name="api_clones"),
    path("v1/clones/<str:clone>", clones.one_clone, name="api_clone"),
    *(path(f"v1/clones/<str:clone>/{word}", view, name=f"api_clone_{word}") for word, view in clones.DEEDS.items()),
    path("v1/doctor", doctor.view, name="api_doctor"),
    path("v1/intents", intents.view, name="api_intents"),
    path("v1/intents/<slug:intent>", intents.one, name="api_intent"),
    path("v1/posture/acknowledgements", posture.acknowledgements, name="api_posture_acknowledgements"),
    path("v1/posture/acknowledgements/<slug:id>", posture.acknowledgement, name="api_posture_acknowledgement"),
    path("v1/posture/reviews", posture.reviews, name="api_posture_reviews"),
    path("v1/posture/drift", posture.changed, name="api_posture_drift"),
    path("v1/walkthrough", walkthrough.all_scenarios, name="api_walkthrough"),
    path("v1/walkthrough/findings", walkthrough.findings, name="api_walkthrough_findings"),
    path("v1/walkthrough/reset", walkthrough.begin_reset, name="api_walkthrough_reset"),
    path("v1/walkthrough/reset/look", walkthrough.go_on_with_reset, name="api_walkthrough_left"),
    path("v1/walkthrough/<slug:scenario>", walkthrough.one_scenario, name="api_walkthrough_scenario"),
    *(
        path(f"v1/walkthrough/<slug:scenario>/<slug:step>/{word}", view, name=f"api_walkthrough_{word}")
        for word, view in walkthrough.STEPS.items()
    ),
    re_path(r"^.*$", versions.nothing, name="api_nothing"),
]
boundary.decorate(urlpatterns)
