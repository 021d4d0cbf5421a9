"""The composition root builds all that it names. That each part gets what it asks for is checked by mypy."""

from __future__ import annotations

import ast
import os
from collections import Counter
from functools import cached_property
from pathlib import Path

import pytest

from entrypoints.container import Container
from entrypoints.light import container_for, light_parts, light_services
from tests.architecture.tree import mentioning, name_of

PARTS = [name for name, part in vars(Container).items() if isinstance(part, cached_property)]


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return container_for(light_parts(tmp_path, os.environ))


def test_each_part_is_made_once(container: Container) -> None:
    assert len(PARTS) >= 60
    for name in PARTS:
        assert getattr(container, name) is getattr(container, name)


def test_no_class_is_made_twice(container: Container) -> None:
    made = Counter(type(getattr(container, name)) for name in PARTS)
    assert [
        kind for kind, times in made.items() if times > 1 and kind.__module__.startswith(("adapters.", "application."))
    ] == []


def test_the_container_makes_each_member_of_the_services_of_what_is_made_already(tmp_path: Path) -> None:
    light = light_services(tmp_path, {})
    services = light.load()
    assert services.light is light
    assert services is light.load()


def test_the_manager_alone_writes_what_is_selected() -> None:
    writing = [
        name_of(path)
        for path in mentioning(r"\.select\b", "application", "entrypoints")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "select" and ast.unparse(node.value).endswith("config")
    ]
    assert set(writing) == {"application/auth_manager.py"}
