"""The list of models, and how it is renewed."""
