"""What a provider is, as data: addresses, client, scopes, redirect, body formats, and what only its vendor does."""
