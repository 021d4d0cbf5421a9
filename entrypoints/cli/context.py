"""What every command starts from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from entrypoints.services import LightServices, Services


def home() -> Path:
    """The home folder, with an older config brought up to date; what changed is said once.

    Raises:
        ConfigError, StoreError: It cannot be used as it is.
    """
    from entrypoints.cli.failure import say
    from entrypoints.light import bring_up_to_date, open_home

    folder = open_home(os.environ)
    for sentence in bring_up_to_date(folder, os.environ):
        say(sentence)
    return folder


def light() -> LightServices:
    """The use cases of the fast commands. Raises as `home` does."""
    from entrypoints.light import light_services

    return light_services(home(), os.environ)


def everything() -> Services:
    """All use cases. Raises as `home` does."""
    folder = home()
    from entrypoints.container import build_services

    return build_services(folder, os.environ)
