"""What can go wrong with a firewall, each a sentence to act on."""

from __future__ import annotations

from tenant_ops_dashboard.errors import BadInput


class BadDraft(BadInput):
    """A draft that cannot be read, or that Neutron would refuse or open wide; `field` is the path in it."""

    todo = "Change what the sentence names: nothing was sent."

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"{field}: {what}" if field else what, field=field)
