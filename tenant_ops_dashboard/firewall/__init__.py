"""Firewalls as people edit them: a draft, what it would let through, and how it becomes what Neutron has."""
