"""OAuth 2.0 for all providers: authlib writes the requests, every answer is read and judged here."""
