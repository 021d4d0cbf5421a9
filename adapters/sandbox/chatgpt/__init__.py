"""OpenAI as the sandbox plays it: sign-in, API, errors, and what serves the sessions of Codex."""
