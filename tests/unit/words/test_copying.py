"""What `/copy` takes, and what is said about a copy."""

from __future__ import annotations

import pytest

from entrypoints.chat.copying import code_blocks
from entrypoints.chat.terminal_clipboard import LONGEST, fits_terminal
from entrypoints.words.copied import copied_words

ANSWER = """Two ways:

```python
def one():
    return "```"
```

1. In a list

   ~~~sh
   make
   ~~~

Indented:

    as it is
"""


def test_the_source_of_each_block_of_code_is_found_in_its_order() -> None:
    assert code_blocks(ANSWER) == ('def one():\n    return "```"', "make", "as it is")
    assert code_blocks("no code, only `words`") == ()
    assert code_blocks("```\nnot closed yet") == ("not closed yet",)


def test_a_terminal_gets_no_more_than_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert fits_terminal("a" * LONGEST)
    assert not fits_terminal("ä" * LONGEST)
    monkeypatch.setenv("TERM", "linux")
    assert not fits_terminal("a")


def test_the_words_promise_no_more_than_is_known() -> None:
    assert copied_words("Block 2", tool="wl-copy", sent=True) == "Block 2 copied with wl-copy."
    assert "sent to your terminal; tmux needs set-clipboard on." in copied_words("It", tool=None, sent=True)
    assert "It not copied:" in copied_words("It", tool=None, sent=False)
