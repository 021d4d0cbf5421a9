"""What is about to be spent, for all windows of a home."""
