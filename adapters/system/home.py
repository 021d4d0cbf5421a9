from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from adapters.files.private_file import private_folder
from domain.errors import ConfigError, StoreNotWritable

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "CODE_HOME"
_DEFAULT_NAME: Final = ".code"


def home_folder(environ: Mapping[str, str], *, writing: bool = True) -> Path:
    """The folder that holds config, store and conversations: `$CODE_HOME`, else `~/.code`; absolute.

    It is created where it does not exist, and made its owner's alone. Without *writing* a folder that can only be read
    will do as it is.

    Raises:
        ConfigError: Something that is no folder is in its place, or nobody's home can be told.
        StoreNotWritable: It cannot be created or read, or nothing can be written to it.
    """
    folder = wanted_home(environ)
    needed = os.R_OK | os.X_OK | (os.W_OK if writing else 0)
    try:
        if not folder.is_dir() and os.path.lexists(folder):
            raise ConfigError(str(folder), f"this is no folder; set {VARIABLE} to one")
        private_folder(folder)
    except (FileExistsError, NotADirectoryError):
        raise ConfigError(str(folder), f"a file is in the way of this folder; set {VARIABLE} to another") from None
    except OSError as error:
        if writing or not os.access(folder, needed):
            problem = f"the folder cannot be made or is not yours ({error.strerror}); set {VARIABLE} to one that is"
            raise StoreNotWritable(str(folder), problem) from None
    if not os.access(folder, needed):
        what = "written" if os.access(folder, os.R_OK | os.X_OK) else "read"
        raise StoreNotWritable(str(folder), f"nothing can be {what} there; set {VARIABLE} to a folder of yours")
    return folder


def wanted_home(environ: Mapping[str, str]) -> Path:
    """The folder that *environ* names, absolute, whether it is there or not.

    Raises:
        ConfigError: None can be told.
    """
    named = environ.get(VARIABLE, "")
    try:
        folder = Path(named).expanduser() if named.strip() else Path.home() / _DEFAULT_NAME
        return Path(os.path.abspath(folder))  # noqa: PTH100 - a link stays the link that the person set
    except (RuntimeError, ValueError, OSError):  # OSError: it is relative to a folder that is gone
        raise ConfigError(named or "~", f"no home folder can be told from it; set {VARIABLE}") from None
