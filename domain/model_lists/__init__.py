"""What providers list themselves, and what the catalogue becomes by it."""
