"""What is exposed that should not be: every project's findings from one reading, and what changed since somebody looked."""
