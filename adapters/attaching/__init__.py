"""Files of the person that go along with a message."""
