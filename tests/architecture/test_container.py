"""The composition root builds, and passes what constructors ask for: dependency-injector checks neither."""

from __future__ import annotations

import ast
import inspect
import os
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import httpx2
import pytest
from dependency_injector import providers

from entrypoints.container import Container
from entrypoints.light import container_for, light_parts, light_services
from tests.architecture.tree import mentioning, name_of

SINGLETONS = [name for name, provider in Container.providers.items() if isinstance(provider, providers.Singleton)]


@pytest.fixture
def container(tmp_path: Path) -> Any:
    return container_for(light_parts(tmp_path, os.environ))


def test_there_is_something_to_build() -> None:
    assert len(SINGLETONS) >= 15


def test_a_part_is_built_once_and_of_its_class(container: Any, subtests: pytest.Subtests) -> None:
    for name in SINGLETONS:
        with subtests.test(name):
            provider = getattr(container, name)
            part = provider()
            assert isinstance(part, provider.cls)
            assert provider() is part


def test_a_part_gets_exactly_the_arguments_that_it_cannot_do_without(container: Any, subtests: pytest.Subtests) -> None:
    for name in SINGLETONS:
        with subtests.test(name):
            provider = getattr(container, name)
            parameters = inspect.signature(provider.cls).parameters
            required = {word for word, parameter in parameters.items() if parameter.default is inspect.Parameter.empty}
            assert required <= set(provider.kwargs) <= set(parameters)


def test_no_class_is_made_twice(container: Any) -> None:
    made = [getattr(container, name).cls for name in SINGLETONS]
    assert len(made) == len(set(made))


def test_the_container_makes_each_member_of_the_services_of_what_is_made_already(tmp_path: Path) -> None:
    light = light_services(tmp_path, {})
    services = light.load()
    assert services.light is light
    assert services is light.load()
    assert {member.name for member in fields(services)} <= set(Container.providers)


def test_the_manager_alone_writes_what_is_selected() -> None:
    writing = [
        name_of(path)
        for path in mentioning(r"\.select\b", "application", "entrypoints")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "select" and ast.unparse(node.value).endswith("config")
    ]
    assert set(writing) == {"application/auth_manager.py"}


def _members(protocol: type) -> set[str]:
    return {name for base in protocol.__mro__ for name in vars(base) if not name.startswith("_")}


def test_what_stands_in_for_a_port_has_all_that_the_port_promises(container: Any, subtests: pytest.Subtests) -> None:
    for name in SINGLETONS:
        provider = getattr(container, name)
        described = provider.cls if is_dataclass(provider.cls) else provider.cls.__init__
        hints = get_type_hints(described, localns={"httpx2": httpx2})  # imported for types only there
        part = provider()
        for parameter in provider.kwargs:
            with subtests.test(f"{name}.{parameter}"):
                _is_what_was_asked_for(getattr(part, f"_{parameter}", None), hints[parameter])


def _is_what_was_asked_for(given: object, wanted: object) -> None:
    if given is None or not isinstance(wanted, type):
        return
    if getattr(wanted, "_is_protocol", False):
        assert [member for member in _members(wanted) if not hasattr(given, member)] == []
    else:
        assert isinstance(given, wanted)
