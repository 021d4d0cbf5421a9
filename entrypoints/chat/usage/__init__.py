"""What `/usage` shows, for both faces."""
