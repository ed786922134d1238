"""Scaling by threshold: how many servers an environment's application tier has, decided before users notice."""
