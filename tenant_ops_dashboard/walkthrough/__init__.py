"""The walkthrough: four scenarios that people are shown, a step at a time, each with a check that proves its effect."""
