"""The key that seals the session store: where it is kept, how it is made, fetched and moved."""
