"""Conversations are kept on disk by SQLite."""
