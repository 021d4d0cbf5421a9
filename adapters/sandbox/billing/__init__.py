"""What the providers of the sandbox charge: counts, caches and an invoice, by arithmetic of its own."""
