"""Whether sign-ins of another machine can come to this one, by what may be read of the settings of sshd."""

from __future__ import annotations

import socket
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.diagnosis.forwards import ForwardsProbe
from adapters.forwarding.places import prepare
from domain.finding import Verdict

OVER_SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


async def found(root: Path, environ: dict[str, str]) -> list[str]:
    probe = ForwardsProbe(environ={"HOME": str(root / "home"), **environ}, home=root / "home" / ".code", root=root)
    findings = await probe()
    assert all((finding.verdict is Verdict.WARNING) == bool(finding.fix) for finding in findings)
    return [finding.what for finding in findings]


async def test_settings_that_refuse_are_named_by_line_and_the_three_of_them_where_none_is_found(tmp_path: Path) -> None:
    config, keys = tmp_path / "etc" / "ssh" / "sshd_config", tmp_path / "home" / ".ssh" / "authorized_keys"
    for folder in (config.parent / "sshd_config.d", keys.parent):
        folder.mkdir(parents=True)
    (unknown,) = await found(tmp_path, OVER_SSH)
    assert unknown.startswith("no sign-ins are forwarded to this machine; what can refuse it: ")
    assert all(name in unknown for name in ("AllowStreamLocalForwarding", "AllowTcpForwarding", "restrict"))
    assert await found(tmp_path, {}) == []

    (config.parent / "sshd_config.d" / "own.conf").write_text("AllowTcpForwarding=local\n")
    config.write_text(
        "Include /etc/ssh/sshd_config.d/*.conf\n# DisableForwarding yes\nAllowStreamLocalForwarding yes\n"
        "AllowTcpForwarding no\nAllowStreamLocalForwarding no\nMatch User ben\n  DisableForwarding yes\n"
    )
    keys.write_text(
        "ssh-ed25519 AAAA restrict@laptop\nrestrict,port-forwarding ssh-ed25519 AAAA\n"
        'from="192.0.2.*",no-port-forwarding ssh-ed25519 AAAA ana@laptop\n'
    )
    words = [
        what.removeprefix("no sign-ins can be forwarded to this machine: ") for what in await found(tmp_path, OVER_SSH)
    ]
    assert words == [
        f"AllowTcpForwarding local in line 1 of {config.parent}/sshd_config.d/own.conf",
        f"DisableForwarding yes in line 7 of {config}, if that Match is for you",
        f"no-port-forwarding in line 3 of {keys}, if you came by that key",
    ]


async def test_a_forward_that_is_there_is_all_that_is_said() -> None:
    with TemporaryDirectory(prefix="ks-") as folder, socket.socket(socket.AF_UNIX) as forward:
        path = prepare({}, Path(folder, "home", ".code"))
        forward.bind(str(path))
        forward.listen()
        assert await found(Path(folder), OVER_SSH) == [f"a machine of yours forwards sign-ins to this one, by {path}"]
