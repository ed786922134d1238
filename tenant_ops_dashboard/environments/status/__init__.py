"""From what the services say of one environment to its one status."""
