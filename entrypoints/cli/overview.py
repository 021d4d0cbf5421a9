"""What `keyswitch --help` says, as data: showing it, and completing a command's name, loads no command."""

from __future__ import annotations

from typing import Final

COMMANDS: Final[dict[str, str]] = {
    "ask": "Ask one question and print the answer.",
    "chats": "List, read, find, rename, export and remove conversations.",
    "models": "List the models, and which of them you can use now.",
    "use": "Select a model, and with it the sign-in.",
    "login": "Sign in to ChatGPT, Claude or Gemini, or store an API key.",
    "logout": "Sign out of a provider, or of all.",
    "accounts": "List the accounts of each provider, and choose the active one.",
    "status": "Say who is signed in, and for how long.",
    "refresh": "Renew the sign-ins that are due.",
    "doctor": "Look for what is in the way of sign-ins and chats.",
    "ssh": "Connect to a machine that may use your sign-ins meanwhile.",
    "agent": "Lend the use of your sign-ins to your other machines.",
    "usage": "Say what was used and what it cost.",
    "events": "Show what happened: logins, renewals, switches, failures.",
    "demo": "Try everything on built-in providers: no account, no network.",
    "config": "Read, change and check the config file; move the master key.",
    "completion": "Print the completion script of a shell.",
}

UNLISTED: Final = ("forwarded",)
"""What keyswitch runs on another machine, and nobody types."""

OPTIONS: Final = (
    ("-m, --model MODEL", "Chat with this model, for this run only."),
    ("-c, --continue", "Go on with the last conversation."),
    ("--resume ID", "Go on with another one: keyswitch chats list names them."),
    ("--plain", "Line by line, for screen readers and simple terminals."),
    ("--ascii", "Signs of plain ASCII."),
    ("--no-mouse", "Leave the mouse to the terminal."),
    ("--no-save", "Do not keep this conversation; the ledger of usage counts it, without texts."),
    ("--version", "Print the version."),
    ("-h, --help", "Print this help; after a command, the command's."),
)

_EXAMPLES: Final = (
    ("keyswitch", "chat in the terminal"),
    ("keyswitch login claude", "sign in; chatgpt and gemini likewise"),
    ("keyswitch use claude-opus-4.1", "pick a model, and with it the sign-in"),
    ('keyswitch ask "Why is the sky blue?"', "one answer, no chat"),
    ("git diff | keyswitch ask -m sonnet review", "what is piped in is added to the question"),
    ("keyswitch demo", "a rehearsal without any account"),
)

_EXITS: Final = (
    "0 ok, 1 error, 2 usage, 3 cancelled or timed out, 4 sign-in needed, 5 offline or provider down,",
    "6 limit reached, 7 config or store, 8 sign-in ends soon (status), 70 crash, 130 Ctrl+C",
)


def help_text() -> str:
    """The help of the program as a whole, in at most 100 columns."""
    return "\n".join(
        [
            "Examples:",
            *_columns(_EXAMPLES),
            "",
            "One terminal chat for ChatGPT, Claude and Gemini: pick a model, and the right sign-in answers.",
            "",
            "Usage: keyswitch [OPTIONS] [COMMAND] ...",
            "",
            "Commands:",
            *_columns(tuple(COMMANDS.items())),
            "",
            "Options:",
            *_columns(OPTIONS),
            "",
            "Environment: CODE_HOME (the home folder, else ~/.code), NO_COLOR, BROWSER, ACCESSIBLE=1 (as --plain)",
            f"Exit codes: {_EXITS[0]}",
            f"            {_EXITS[1]}",
            "",
        ]
    )


def _columns(rows: tuple[tuple[str, str], ...]) -> list[str]:
    width = max(len(left) for left, _ in rows)
    return [f"  {left:<{width}}  {right}" for left, right in rows]
