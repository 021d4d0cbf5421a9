"""What a person can ask for, and what that needs from the world."""
