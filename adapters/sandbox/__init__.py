"""Three loopback providers that speak the vendors' own OAuth dialects and chat formats.

`server.Sandbox` is the way in. The package is an independent peer of the program: it imports nothing of the
project, so that a mistake in keyswitch's own reading of a protocol cannot hide in its counterpart.
"""
