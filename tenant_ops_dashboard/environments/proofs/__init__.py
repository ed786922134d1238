"""What was promised to the outside, proven: targets, packets and what they found."""
