"""The vendors' price lists, and the arithmetic of a bill."""
