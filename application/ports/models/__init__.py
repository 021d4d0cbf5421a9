"""Ports of what is known about models."""
