"""The files with which a run's folder begins: the recipe, the spec and the source."""

from __future__ import annotations

import os
import re
from pathlib import Path

import yaml

from archspec.api import zoo
from archspec.api.architecture import Architecture
from archspec.api.run_folder import Run, is_run
from archspec.elaborate import elaborate
from archspec.files.atomic import sweep, write_whole
from archspec.files.outputs import refuse_dangling
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document, parse_document
from archspec.language.file_kind import is_block_file
from archspec.language.read_text import recorded
from archspec.language.source import Source
from archspec.language.yaml_scalars import resolve
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree, plain
from archspec.training.recipe.recipe import Recipe
from archspec.training.run.distributed import is_leader, shared_folder
from archspec.training.run.network import weights_of


def new_run(out: Path | None, name: str) -> Run:
    """A folder for a new run: the one that was asked for, or `runs/name`, numbered where there are some already."""
    if not is_leader():
        return Run(shared_folder() or out or Path("runs") / name)
    if out is not None:
        refuse_dangling(out)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            message = f"`{out}` already exists"
            help_ = "`--resume` continues the run in it" if is_run(out) else "name another folder"
            raise SpecError([Diagnostic("file-exists", message, help=help_)])
        return Run(out)
    runs = numbered_runs(name)
    return Run(runs[-1].folder.parent / f"{name}-{_number(runs[-1]) + 1}" if runs else Path("runs") / name)


def latest_run(name: str) -> Run:
    """The last run of a recipe under `runs/`; raises `SpecError` where there is none."""
    runs = numbered_runs(name)
    if not runs:
        message = f"there is no run of `{name}` to resume"
        help_ = "leave `--resume` out to begin one, or name the folder of a run"
        raise SpecError([Diagnostic("no-run", message, help=help_)])
    return runs[-1]


def numbered_runs(name: str) -> list[Run]:
    """The folders `runs/name`, `runs/name-2`, and so on, in their order."""
    pattern = re.compile(rf"{re.escape(name)}(-\d+)?")
    found = [Run(each) for each in Path("runs").glob(f"{name}*") if pattern.fullmatch(each.name)]
    return sorted(found, key=_number)


def _number(run: Run) -> int:
    number = re.search(r"-(\d+)$", run.folder.name)
    return int(number[1]) if number else 1


def write_beginnings(run: Run, recipe: Recipe, architecture: Architecture) -> str:
    """Write the recipe, the spec and the module's source; gives the spec's path in the folder."""
    run.last.parent.mkdir(parents=True, exist_ok=True)
    sweep(run.last.parent)
    files = spec_files(architecture)
    for place, text in files.items():
        (run.folder / place).parent.mkdir(parents=True, exist_ok=True)
        write_whole(run.folder / place, text)
    write_whole(run.recipe, as_yaml(_self_contained(recipe)))
    write_whole(run.source, architecture.source())
    return next(iter(files))


def _self_contained(recipe: Recipe) -> MappingTree:
    """The recipe as it can be read from the run's folder: a weights file by its whole path."""
    weights = weights_of(recipe)
    if not isinstance(weights, Path):
        return recipe.tree
    return MappingTree(
        tuple(
            (key, Scalar(str(weights.resolve()), value.span) if key.value == "weights" else value)
            for key, value in recipe.tree.entries
        ),
        recipe.tree.span,
    )


def spec_files(architecture: Architecture) -> dict[str, str]:
    """The text of a spec, first, and of the files beside it that it uses, by their place in a run's folder."""
    main = architecture.document.source
    if main.path is None:
        return {"spec/spec.yaml": main.text}
    texts = {_whole(each.path): each.text for each in (main, *_used(architecture)) if each.path}
    bundled = _whole(zoo.folder())
    own = [path for path in texts if path == _whole(main.path) or bundled not in path.parents]
    root = Path(*_common([path.parent for path in own]))
    return {f"spec/{path.relative_to(root).as_posix()}": texts[path] for path in own}


def _whole(path: Path) -> Path:
    """A path from the root; a link on it keeps its name, by which others call it."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _used(architecture: Architecture) -> list[Source]:
    """The files of blocks and specs that a spec is made of, found by making it once more."""
    parts: list[Source] = []

    def find(name: str, beside: Path | None = None) -> tuple[Document, str | None] | None:
        found = zoo.find(name, beside)
        if found:
            parts.append(found[0].source)
        return found

    document = parse_document(architecture.document.source, Findings())  # one that nothing is remembered of
    with recorded() as read:
        elaborate(document, architecture.variant, architecture.given, Findings(), find)
    return [*parts, *(each for each in read if is_block_file(each))]


def _common(folders: list[Path]) -> tuple[str, ...]:
    """The folder that all of them lie in."""
    parts = zip(*(folder.parts for folder in folders))
    shared = []
    for same in parts:
        if len(set(same)) > 1:
            break
        shared.append(same[0])
    return tuple(shared)


def as_yaml(tree: Tree) -> str:
    """A tree as YAML that reads as the same tree.

    >>> from archspec.language.source import Source
    >>> from archspec.language.yaml_parser import parse
    >>> as_yaml(parse(Source("it", "{a: no, b: '1e-3', c: [1, 2.5]}")))
    'a: \\'no\\'\\nb: "1e-3"\\nc: [1, 2.5]\\n'
    """
    return yaml.dump(plain(tree), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


class _Dumper(yaml.SafeDumper):
    """Writes words as YAML 1.2 reads them, and short lists on one line."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    plain_word = isinstance(resolve(text), str) if text else False
    if plain_word and re.fullmatch(r"[A-Za-z_][\w ./-]*", text) and text == text.strip():
        return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=None)
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"')


def _list(dumper: yaml.SafeDumper, items: list[object]) -> yaml.Node:
    flat = not any(isinstance(item, (list, dict)) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=flat)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
