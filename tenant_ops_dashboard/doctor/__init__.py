"""Is everything there that the dashboard needs? Each thing that was looked at is a finding, with how to mend it."""
