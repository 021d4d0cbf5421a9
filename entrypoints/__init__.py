"""Where a person or a script asks."""
