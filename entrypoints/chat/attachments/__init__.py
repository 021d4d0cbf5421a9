"""What a chat decides about files that go along with its messages."""
