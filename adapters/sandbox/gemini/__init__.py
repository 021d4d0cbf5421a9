"""Google as the sandbox plays it: sign-in, API and errors."""
