"""Schedules of changes, faults and interruptions against the fakes, and what must hold whatever happens."""
