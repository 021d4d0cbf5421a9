"""The models and presets that come with the program, as data."""
