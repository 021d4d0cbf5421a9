"""What the command line hands to the app."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TuiOptions:
    """How this run of the app differs from the usual one."""

    model: str | None = None
    """A model for this run only, by any name that `/model` takes."""
    continue_last: bool = False
    plain: bool = False
    """Line by line, without a full-screen app: for screen readers and simple terminals."""
    ascii: bool = False
    save: bool = True
    """Whether the conversation is stored."""
    demo: bool = False
    """The built-in sandbox answers."""
    message: str | None = None
    """Something to say at the start, such as where the sandbox keeps its files."""
    sealed_earlier_files: bool = False
    """Whether an earlier program's sign-ins are to be taken over once the passphrase of the key is there."""
