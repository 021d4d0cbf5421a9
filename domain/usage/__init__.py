"""What was used, what it cost, and what is left: as far as it is known here."""
