"""Text as people and servers give it: what may be shown, what is a secret, what was pasted."""
