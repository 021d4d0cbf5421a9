"""What the command line hands to the app."""

from __future__ import annotations

from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class TuiOptions:
    """How this run of the app differs from the usual one."""

    model: str | None = None
    """A model for this run only, by any name that `/model` takes."""
    continue_last: bool = False
    resume: str | None = None
    """The id of a conversation to go on with."""
    plain: bool = False
    """Line by line, without a full-screen app: for screen readers and simple terminals."""
    ascii: bool = False
    mouse: bool = True
    """Whether the mouse may be used at all in this run."""
    save: bool = True
    """Whether the conversation is stored."""
    demo: bool = False
    """The built-in sandbox answers."""
    returns: bool = True
    """Whether one can come back to the conversation later: the home stays after the program."""
    message: str | None = None
    """Something to say at the start, such as where the sandbox keeps its files."""
    sealed_earlier_files: bool = False
    """Whether an earlier program's sign-ins are to be taken over once the passphrase of the key is there."""

    @property
    def goes_on(self) -> bool:
        """Whether an earlier conversation is asked for."""
        return self.continue_last or self.resume is not None
