"""Limits that a person sets to spending, and what is left of them."""
