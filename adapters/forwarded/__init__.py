"""The remote end of forwarded sign-ins: it finds the way to its owner's laptop, asks, and keeps nothing."""
