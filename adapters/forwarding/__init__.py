"""What the two ends of a forwarded sign-in say to each other, and where they meet. Nothing heavy is imported."""
