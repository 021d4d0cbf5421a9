"""JSON that others wrote: parsed strictly, and taken apart member by member."""
