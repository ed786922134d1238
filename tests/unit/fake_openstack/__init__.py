"""A small OpenStack at the HTTP level: what the product sends is real, only the answers are made here."""
