"""What there is to know of each provider, in one table, and the words that the table is written in."""
