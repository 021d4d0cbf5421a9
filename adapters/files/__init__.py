"""Private files, written so that a crash leaves them whole, and locks between processes."""
