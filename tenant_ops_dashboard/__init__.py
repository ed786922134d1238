"""Tenant Ops: OpenStack applications, seen and run as applications, inside Horizon."""

__version__ = "0.1.0"
