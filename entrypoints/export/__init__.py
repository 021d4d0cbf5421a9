"""A conversation written down for other programs and for people, as Markdown, JSON or HTML."""
