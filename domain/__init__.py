"""What providers, sessions and switch rules are. Imports the standard library only."""
