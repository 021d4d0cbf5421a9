"""What several of these tests need."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sdk_environment import sdk_python_in


@pytest.fixture(scope="session")
def sdk_python(request: pytest.FixtureRequest) -> Path:
    """The interpreter of an environment that holds the SDKs and nothing of keyswitch."""
    cache = request.config.cache
    assert cache is not None
    return sdk_python_in(cache.mkdir("vendor-sdks"))
