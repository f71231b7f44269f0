"""A lock: the networks that specs come to, in a file, so that a change of any of them is noticed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from archspec.api.architecture import Architecture
from archspec.api.check import Checked
from archspec.files.atomic import write_whole
from archspec.graph.fingerprint import digest
from archspec.graph.labels import count_text, outputs_text
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import read_source
from archspec.language.yaml_tree import plain

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


def held_against(held: Locked, results: Sequence[Checked], variant: str | None = None) -> list[Checked]:
    """What came of specs, with an error where it is not what a lock holds, and one for all that it holds and is gone.

    A locked variant is gone where its spec has it no more, a locked spec where its file is not there; with a `variant`
    no other is asked for.
    """
    found: list[Checked] = []
    for spec, group in groupby(results, key=lambda result: result.spec):
        made = list(group)
        found.extend(replace(each, diagnostics=(*each.diagnostics, *unlike(held, each))) for each in made)
        if variant is None and all(each.variant is not None for each in made):
            found.extend(_gone_variants(held, spec, {each.variant for each in made}))
    return [*found, *_gone_specs(held, {_named(each.spec) for each in results})]


def _gone_variants(held: Locked, spec: str, there: Collection[str | None]) -> Iterator[Checked]:
    for name in held.get(_named(spec), {}):
        if name not in there:
            message = f"`{name}` is in the lock, but `{spec}` has it no more"
            help_ = f"`archspec lock {_named(spec)}` takes it as it is now"
            yield Checked(spec, name, None, (), (Diagnostic("lock", message, help=help_),))


def _gone_specs(held: Locked, asked: Collection[str]) -> Iterator[Checked]:
    for spec in held:
        if spec not in asked and Path(spec).suffix and not Path(spec).exists():
            message = f"`{spec}` is in the lock, but there is no such file"
            yield Checked(spec, None, None, (), (Diagnostic("lock", message, help="take its entry out of the lock"),))


def unlike(held: Locked, result: Checked) -> Iterator[Diagnostic]:
    """An error where a variant is not the network that a lock holds."""
    if result.architecture is None:
        return
    name, spec = result.architecture.name, _named(result.spec)
    before, now = held.get(spec, {}).get(name), _entry(result.architecture)
    help_ = f"`archspec lock {spec}` takes it as it is now"
    if before is None:
        yield Diagnostic("lock", f"`{name}` of `{spec}` is not in the lock", help=help_)
    elif before.get("taps", now["taps"]) != now["taps"]:
        old, new = _taps_text(before), _taps_text(now)
        message = f"`{name}` of `{spec}` gives other taps than were locked"
        yield Diagnostic("lock", message, expected=old, found=new, help=help_)
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
        "taps": {name: str(plain(tree)) for name, tree in architecture.document.taps.items()},
    }


def _taps_text(entry: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {address}" for name, address in entry["taps"].items()) or "none"


def _said(entry: Mapping[str, Any]) -> str:
    return f"{entry.get('params'):,} parameters, {entry.get('macs')} MACs, output {entry.get('output')}"


def _named(spec: str) -> str:
    """A spec as a lock names it: a path is the same on every system."""
    return Path(spec).as_posix()
