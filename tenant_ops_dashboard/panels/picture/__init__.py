"""Pictures of an environment: a fixed tier layout as coordinates, which a template draws as SVG."""

from tenant_ops_dashboard.panels.picture.draw import Drawing, draw

__all__ = ["Drawing", "draw"]
