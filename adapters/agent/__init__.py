"""The agent: it relays what hosts ask over Unix sockets, and takes orders from its owner's commands."""
