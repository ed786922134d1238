"""The panel Walkthrough: what is shown next, and did it work; four scenarios, one step at a time."""
