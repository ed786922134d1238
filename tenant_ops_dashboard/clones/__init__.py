"""Copies of production data for other projects: offered by their owner, asked for, made, lent for a time, taken away.

A level-triggered machine: what exists in the cloud says how far a copy is, each step looks for its marker and then
acts, so that whoever runs it may be stopped at any moment or run twice.
"""
