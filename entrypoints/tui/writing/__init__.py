"""Where one writes: the field, what it offers, what it remembers, what waits in it."""
