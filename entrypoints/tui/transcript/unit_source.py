"""What one gets who copies a block of Markdown."""

from __future__ import annotations

from entrypoints.tui.transcript.foreign_markdown import parser


def unit_source(source: str) -> str:
    """*source* as it came; of a code block, what is in it."""
    tokens = parser().parse(source, {})
    code = [token.content for token in tokens if token.type in ("fence", "code_block")]
    return code[0] if len(tokens) == 1 and code else source.strip("\n")
