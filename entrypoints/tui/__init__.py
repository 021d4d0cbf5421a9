"""The terminal app: screens that are given use cases."""
