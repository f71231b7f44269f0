"""What needs no torch runs with nothing that `pip install archspec-nn` does not bring."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

import pytest

from tests.test_project import PROJECT

LIGHT = [
    ["check", "resnet18", "lenet_mnist"],
    ["summary", "resnet18", "--json"],
    ["draw", "lenet", "--out", "lenet.png"],
    ["draw", "lenet", "--out", "lenet.html"],
    ["draw", "alexnet", "--view", "volumes", "--out", "alexnet.svg"],
    ["diff", "vgg11", "vgg11_bn", "--out", "vgg.svg"],
    ["list"],
    ["blocks", "bottleneck"],
    ["new", "my_net"],
    ["check", "my_net.yaml"],
    ["schema"],
    ["schema", "recipe"],
]
WITHOUT = """
import json, sys

beyond = set(json.loads(sys.argv[1]))

class Light:
    def __init__(self, finder):
        self._finder = finder

    def find_spec(self, name, path=None, target=None):
        return self._finder.find_spec(name, path, target) if name.partition(".")[0] not in beyond else None

    def __getattr__(self, name):
        return getattr(self._finder, name)

sys.meta_path[:] = map(Light, sys.meta_path)
from archspec.cli import main
for arguments in json.loads(sys.argv[2]):
    sys.argv = ["archspec", *arguments]
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code or 0
    print(code, *arguments, file=sys.stderr)
"""
"""Runs commands one after the other where some packages cannot be imported."""


def installed(requirement: str) -> Iterator[str]:
    """The distributions that a requirement brings, itself among them, but for its extras."""
    name = re.split(r"[\s<>=!~;\[(]", requirement, maxsplit=1)[0]
    yield plain(name)
    try:
        needed = requires(name) or []
    except PackageNotFoundError:
        return
    for each in needed:
        if "extra ==" not in each:
            yield from installed(each)


def beyond() -> list[str]:
    """The modules of what is installed here and that the plain install does not bring."""
    brought = {each for requirement in PROJECT["project"]["dependencies"] for each in installed(requirement)}
    brought.add("archspec-nn")
    named = packages_distributions().items()
    return [module for module, owners in named if not brought & {plain(each) for each in owners}]


def plain(name: str) -> str:
    """A distribution's name in the form that all of its spellings have."""
    return re.sub(r"[-_.]+", "-", name).lower()


def run(commands: list[list[str]], folder: Path) -> list[str]:
    """Each command with its exit code in front, after what it told."""
    arguments = [sys.executable, "-c", WITHOUT, json.dumps(beyond()), json.dumps(commands)]
    return subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False).stderr.splitlines()


def test_the_plain_install_has_no_torch() -> None:
    assert {"torch", "torchvision", "numpy", "lightning"} <= set(beyond())
    assert not {"pydantic", "yaml", "typer", "resvg_py"} & set(beyond())


def test_what_needs_no_torch_runs_on_the_plain_install(tmp_path: Path) -> None:
    assert run(LIGHT, tmp_path) == [" ".join(["0", *command]) for command in LIGHT]


@pytest.mark.parametrize("command", [["build", "lenet"], ["train", "lenet_mnist"]])
def test_what_needs_torch_says_how_to_install_it(command: list[str], tmp_path: Path) -> None:
    *told, end = run([command], tmp_path)
    assert end == " ".join(["1", *command])
    assert any("pip install" in line and "archspec-nn[" in line for line in told)
