"""Environments: two-tier applications, planned, launched, watched, proven and taken away as one thing."""
