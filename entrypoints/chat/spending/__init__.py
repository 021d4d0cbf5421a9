"""What a chat says and asks about money before it is spent."""
