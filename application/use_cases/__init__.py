"""The use cases: each file holds one verb, and its body tells what happens."""
