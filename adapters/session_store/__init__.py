"""`auth.json`: one sealed record for each credential, read, mended and written under a lock."""
