"""The panel Posture: what is exposed that should not be, who says that it may stand, and what changed since."""
