"""Drivers that give the sandbox's OpenStack a data plane: servers and amphorae are network namespaces."""
