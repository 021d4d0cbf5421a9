"""How ssh is called, and what is made of its answers. A script stands in for it."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from adapters.forwarding.system_ssh import SystemSsh, connecting
from application.ports.forwarding.secure_shell import Route
from domain.errors import UsageError
from domain.version import VERSION

PLACE = {"protocol": 1, "version": VERSION, "path": "/run/user/1000/keyswitch/00000000-1.sock"}


class Script:
    """An `ssh` that notes its arguments and does what it was told."""

    def __init__(self, folder: Path, *, says: str = "", code: int = 0, shared: bool = False) -> None:
        self._calls = folder / "calls"
        self._calls.touch()
        ssh = folder / "ssh"
        ssh.write_text(
            "#!/bin/sh\n"
            f"printf '%s\\n' \"$*\" >> {self._calls}\n"
            f"[ \"$1 $2\" != '-O check' ] || exit {0 if shared else 255}\n"
            f"printf '%s' {shlex.quote(says)}\nexit {code}\n"
        )
        ssh.chmod(0o755)
        self.ssh = SystemSsh(environ={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"})

    @property
    def calls(self) -> list[str]:
        return self._calls.read_text().splitlines()


def refused(folder: Path, **script: Any) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        Script(folder, **script).ssh.place_on("devbox", ())
    assert caught.value.code == "not_forwarded"
    return str(caught.value), caught.value.command


def test_only_what_leads_to_the_host_goes_along_with_a_question() -> None:
    rows = {
        "": "",
        "-p 2222 -A": "-p 2222",
        "-tp2222 -oPort=1 -l ana tmux attach -p 3": "-p 2222 -o Port=1 -l ana",
        "-L 80:x:80 -J jump -N -vv": "-J jump -v -v",
        "-4 -- -6": "-4",
    }
    assert {row: shlex.join(connecting(row.split())) for row in rows} == rows
    with pytest.raises(UsageError, match="option -Z not recognized"):
        connecting(["-Z"])


def test_the_other_machine_is_asked_for_a_place_past_what_its_shells_print(tmp_path: Path) -> None:
    script = Script(tmp_path, says=f"Welcome!\n{json.dumps(PLACE)}\n")

    assert script.ssh.place_on("devbox", ("-p", "2222", "htop")) == PLACE["path"]

    (asked,) = script.calls
    assert asked.startswith("-T -o RemoteCommand=none -o ClearAllForwardings=yes -p 2222 devbox sh -c ")
    assert "htop" not in asked


def test_whatever_is_in_the_way_is_one_sentence_and_a_command_that_helps(tmp_path: Path) -> None:
    answers: dict[str, dict[str, Any]] = {
        "knows no command keyswitch": {"code": 127},
        "is older than the forwarding": {"code": 2},
        "ssh did not get to devbox": {"code": 255},
        "made no place for a socket": {"code": 7},
        "answered in another way": {"says": "Last login: today"},
        "in another way than": {"says": "[1]"},
        "Bring the one here up to date": {"says": json.dumps({**PLACE, "protocol": 2})},
        "Bring the one there up to date": {"says": json.dumps({**PLACE, "protocol": 0})},
        "no socket can lie at": {"says": json.dumps({**PLACE, "path": "run.sock"})},
        "named a place that no socket": {"says": json.dumps({**PLACE, "path": "/" + "x" * 108})},
        "not take for one": {"says": json.dumps({**PLACE, "path": "/run/x:localhost:22"})},
    }  # fmt: skip
    found = {words: refused(tmp_path, **script) for words, script in answers.items()}

    assert {words: words in sentence for words, (sentence, _) in found.items()} == dict.fromkeys(answers, True)
    assert found["knows no command keyswitch"][1] == "ssh devbox ln -s /PATH/TO/keyswitch .local/bin/keyswitch"
    assert found["ssh did not get to devbox"][1] == "ssh devbox"


def test_a_machine_without_ssh_is_told_so() -> None:
    with pytest.raises(UsageError, match="No ssh was found"):
        SystemSsh(environ={"PATH": "/nonexistent"}).place_on("devbox", ())


def test_a_session_ends_where_its_forward_is_refused_and_takes_back_what_a_shared_connection_would_keep(
    tmp_path: Path,
) -> None:
    route = Route(there=PLACE["path"], here="/run/agent.sock")  # type: ignore[arg-type]
    script = Script(tmp_path, code=3)
    assert script.ssh.session("devbox", ("-p", "2222", "tmux", "attach"), route) == 3
    settings = "-o ExitOnForwardFailure=yes -o ServerAliveInterval=15"
    asked, session = script.calls
    assert asked == "-O check -p 2222 devbox"
    assert session == f"{settings} -R {PLACE['path']}:/run/agent.sock devbox -p 2222 tmux attach"

    script = Script(tmp_path, shared=True)
    assert script.ssh.session("devbox", (), route) == 0
    assert script.calls[-1] == f"-O cancel -R {PLACE['path']}:/run/agent.sock devbox"
