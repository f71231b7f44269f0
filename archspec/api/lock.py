"""A lock: the networks that specs come to, in a file, so that a change of any of them is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from archspec.api.architecture import Architecture
from archspec.api.check import Checked
from archspec.files.atomic import write_whole
from archspec.graph.fingerprint import digest
from archspec.graph.labels import count_text, outputs_text
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import read_source

FILE = Path("archspec.lock")
VERSION = 1

Locked = dict[str, dict[str, dict[str, Any]]]
"""What was locked of each spec, as it was named, by its variants."""


def lock(results: Iterable[Checked], path: Path = FILE) -> Locked:
    """Write what specs came to into a lock, beside what it holds of others; raises `SpecError` where one is wrong."""
    networks = read_lock(path) if path.exists() else {}
    for spec, made in _by_spec(results).items():
        networks[spec] = {name: _entry(architecture) for name, architecture in made.items()}
    text = json.dumps({"archspec": VERSION, "networks": dict(sorted(networks.items()))}, indent=2)
    write_whole(path, text + "\n")
    return networks


def _by_spec(results: Iterable[Checked]) -> dict[str, dict[str, Architecture]]:
    found: dict[str, dict[str, Architecture]] = {}
    for each in results:
        if each.architecture is None:
            raise SpecError(each.diagnostics)
        found.setdefault(_named(each.spec), {})[each.architecture.name] = each.architecture
    return found


def read_lock(path: Path = FILE) -> Locked:
    """What a lock holds; raises `SpecError` where there is none, or it is none of ours."""
    try:
        held = json.loads(read_source(path).text)
        if held["archspec"] == VERSION:
            networks: Locked = held["networks"]
            return networks
    except (ValueError, KeyError, TypeError):
        pass
    message = f"`{path}` is not a lock that this version of archspec reads"
    raise SpecError([Diagnostic("lock", message, help="`archspec lock` writes one; take the file away first")])


def unlike(held: Mapping[str, Mapping[str, Mapping[str, Any]]], result: Checked) -> Iterator[Diagnostic]:
    """An error where a variant is not the network that a lock holds."""
    if result.architecture is None:
        return
    name, spec = result.architecture.name, _named(result.spec)
    before, now = held.get(spec, {}).get(name), _entry(result.architecture)
    help_ = f"`archspec lock {spec}` takes it as it is now"
    if before is None:
        yield Diagnostic("lock", f"`{name}` of `{spec}` is not in the lock", help=help_)
    elif before.get("fingerprint") != now["fingerprint"]:
        old, new = _said(before), _said(now)
        alike = "the same numbers, but other nodes, wires or starts"
        found = new if old != new else alike
        yield Diagnostic(
            "lock", f"`{name}` of `{spec}` is not the network that was locked", expected=old, found=found, help=help_
        )


def _entry(architecture: Architecture) -> dict[str, Any]:
    return {
        "fingerprint": digest(architecture.graph),
        "params": architecture.params,
        "macs": count_text(architecture.macs),
        "output": outputs_text(architecture.graph.root),
    }


def _said(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('params'):,} parameters, {entry.get('macs')} MACs, output {entry.get('output')}"


def _named(spec: str) -> str:
    """A spec as a lock names it: a path is the same on every system."""
    return Path(spec).as_posix()
