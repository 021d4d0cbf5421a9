"""Credentials that are kept elsewhere: by another program, in the environment, behind a command."""
