"""What was used is kept on disk by SQLite, apart from the conversations."""
