"""Heat or another service at a standstill: known, told, and made to go on."""
