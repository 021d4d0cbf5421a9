"""Why a disk did not do what it was asked, in words that say what its owner can mend."""

from __future__ import annotations

import errno
from typing import Final

_REASONS: Final = {
    errno.ENOSPC: "disk full",
    getattr(errno, "EDQUOT", errno.ENOSPC): "disk quota used up",  # Windows has none
    errno.EFBIG: "file size limit reached",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
}


def reason(error: OSError) -> str:
    """The reason alone; the system's own words for what is rare."""
    known = _REASONS.get(error.errno) if error.errno is not None else None
    return known or error.strerror or "unknown reason"


def cannot_save(error: OSError) -> str:
    """The rest of a sentence about a file that could not be written."""
    return f"cannot save: {reason(error)}"
