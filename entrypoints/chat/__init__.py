"""What the app and the plain mode share of a chat: commands, state of the window, lines of text."""
