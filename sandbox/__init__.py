"""The sandbox: a real OpenStack control plane, and its packets, on one machine."""
