"""An sshd for all tests of a module."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.support.ssh_ground import Ground, ground


@pytest.fixture(scope="module")
def there(system_program: Callable[[str, str], str]) -> Iterator[Ground]:
    ip = system_program("ip", "iproute2") if os.geteuid() == 0 else None
    with ground(system_program("sshd", "openssh-server"), ip) as made:
        yield made
