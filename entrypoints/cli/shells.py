"""How each shell is taught to complete commands."""

from __future__ import annotations

import sys
from typing import Final

VARIABLE: Final = "_KEYSWITCH_COMPLETE"
"""By which a completion script asks; the name that click gives it."""

SHELLS: Final = ("bash", "zsh", "fish")

_INSTALL: Final = {
    "bash": 'eval "$(keyswitch completion bash)"   in ~/.bashrc',
    "zsh": 'eval "$(keyswitch completion zsh)"   in ~/.zshrc, after compinit',
    "fish": "keyswitch completion fish > ~/.config/fish/completions/keyswitch.fish",
}


def show_script(shell: str) -> int:
    """Print the script that lets *shell*, one of `SHELLS`, complete; where a person looks at it, also what to do."""
    from click.shell_completion import ShellComplete, get_completion_class

    from domain.text.untrusted import untrusted
    from entrypoints.cli.group import program
    from entrypoints.cli.output import is_terminal, say, write_result

    kind = get_completion_class(shell)
    if kind is None:
        raise LookupError(shell)
    # The base class's source: bash's own starts a bash to ask for its version.
    write_result(untrusted(ShellComplete.source(kind(program(), {}, "keyswitch", VARIABLE))))
    if is_terminal(sys.stdout):
        say(f"To install: {_INSTALL[shell]}")
    return 0
