"""A database file of ours, whatever it holds."""
