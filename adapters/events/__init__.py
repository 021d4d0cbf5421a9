"""The local record of what happened, as lines of JSON."""
