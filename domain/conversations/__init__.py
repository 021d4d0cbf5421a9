"""Conversations as a whole: what is seen of those that are kept."""
