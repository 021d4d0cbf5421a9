"""Parked messages are kept on disk, one file each."""
