"""Plan before apply: the form's answers, the cloud's offers, quotas, and what would be made."""
