"""What is exposed that should not be: the findings of every project from one reading, and what changed since then."""
