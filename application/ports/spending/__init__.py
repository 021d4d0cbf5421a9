"""What is needed to keep spending within limits."""
