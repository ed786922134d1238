"""What a blueprint's template makes, read without asking Heat."""
