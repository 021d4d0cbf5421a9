"""When a session is renewed, how long to wait after a failure, and when it ends for good."""
