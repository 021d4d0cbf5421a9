"""What a chat does about messages that cannot be sent now."""
