"""Django looks for an application's tables here; they stand in `records`."""

from __future__ import annotations

from tenant_ops_dashboard.records.models import AuditEvent, Lease, MemberChange, MemberState, Mute, Note, Sample, Watch

__all__ = ["AuditEvent", "Lease", "MemberChange", "MemberState", "Mute", "Note", "Sample", "Watch"]
