"""Each vendor's streaming chat protocol, one module a protocol."""
