"""The version of keyswitch; the wheel takes it from here."""

from __future__ import annotations

VERSION = "0.1.0"
