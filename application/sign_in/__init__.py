"""Signing in, from the question to the stored session, and ending a session at its provider."""
