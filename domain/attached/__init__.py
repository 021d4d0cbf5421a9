"""Files that go along with a message: what they are, and who takes them."""
