"""Messages that could not be sent: what they are, and what else could answer them."""
