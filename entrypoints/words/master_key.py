"""What is said of the place of the master key."""

from __future__ import annotations

from application.settings import KeyPreference
from domain.master_key import KeyWhereabouts
from domain.text.untrusted import untrusted_line


def key_lines(key: KeyWhereabouts | None, wanted: KeyPreference) -> list[str]:
    """Where the master key is, and what is not as it was *wanted*; nothing while there is no key."""
    if key is None:
        return []
    move = "Run keyswitch config set auth.key_source"
    since = f", as {untrusted_line(key.because)}" if key.because else ""
    lines = [f"The master key is in {key.words}{since}." + (f" {move} auto to move it into one." if since else "")]
    if wanted.value not in (KeyPreference.AUTO, key.place.value):
        lines.append(f'The config says auth.key_source = "{wanted}". {move} {wanted} to move it.')
    lines += [
        f"A copy of it is still in {KeyWhereabouts(place).words}; it goes with the next use." for place in key.left
    ]
    return lines
