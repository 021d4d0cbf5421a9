"""The conversation as it is read: one widget, which draws the lines that are seen."""
