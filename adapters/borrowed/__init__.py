"""Sign-ins that other programs keep."""
