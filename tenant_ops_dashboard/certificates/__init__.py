"""Certificates that the key manager (Barbican) keeps, for whoever ends TLS with one."""
