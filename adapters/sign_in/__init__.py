"""The listener on this machine that a provider sends the browser back to."""
