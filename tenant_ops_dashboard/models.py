"""Django looks for an application's tables here; they stand in `records`."""

from __future__ import annotations

from tenant_ops_dashboard.records.apply_models import FirewallApply
from tenant_ops_dashboard.records.clone_golden_models import CloneGolden
from tenant_ops_dashboard.records.clone_models import Clone, CloneOffer, CloneTrust
from tenant_ops_dashboard.records.heartbeat_models import Heartbeat
from tenant_ops_dashboard.records.models import AuditEvent, Lease, MemberChange, MemberState, Mute, Note, Sample, Watch
from tenant_ops_dashboard.records.posture_models import (
    PostureAcknowledgement,
    PostureDay,
    PostureReview,
    PostureReviewPart,
)
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough, WalkthroughTime

__all__ = [
    "AuditEvent", "Clone", "CloneGolden", "CloneOffer", "CloneTrust", "FirewallApply", "Heartbeat", "Lease",
    "MemberChange", "MemberState", "Mute", "Note", "PostureAcknowledgement", "PostureDay", "PostureReview",
    "PostureReviewPart", "Sample", "Walkthrough", "WalkthroughTime", "Watch",
]  # fmt: skip
