"""What forwarding sign-ins to another machine needs from the world."""
