"""Ports of the place where a person writes."""
