"""A process that finds a session fresh, or renewed by another process, loads no network library for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from adapters.system.clock import SystemClock
from tests.architecture.tree import ROOT
from tests.support.credentials import a_session

if TYPE_CHECKING:
    from pathlib import Path

NETWORK = {"authlib", "h11", "httpcore2", "httpx2", "joserfc", "pydantic", "starlette", "uvicorn"}

ASK_AND_LIST = """
import asyncio, json, os, sys
from pathlib import Path
from entrypoints.light import container_for, light_parts
container = container_for(light_parts(Path(sys.argv[1]), os.environ))
key = container.sessions.records()[0].key
session = asyncio.run(container.renewal(key))
print(json.dumps({"generation": session.record.generation, "loaded": sorted(sys.modules)}))
"""


def test_a_fresh_session_costs_no_network_library(tmp_path: Path) -> None:
    now = SystemClock().now()
    session = a_session(generation=7, obtained_at=now, access_expires_at=now.replace(year=now.year + 1))
    SealedFileStore(home=tmp_path, keys=KeyFile(home=tmp_path)).save(session)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    answer = subprocess.run(
        [sys.executable, "-c", ASK_AND_LIST, str(tmp_path)],
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    result = json.loads(answer.stdout)
    assert result["generation"] == 7
    assert not NETWORK.intersection(result["loaded"])
