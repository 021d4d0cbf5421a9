"""One screen or dialog a module, beside its stylesheet."""
