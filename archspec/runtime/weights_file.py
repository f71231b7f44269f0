"""A file of weights → its tensors by name: the forms in which people have them, and what else a file may be."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.language import read_text
from archspec.language.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = (".pt", ".pth", ".ckpt", ".safetensors")
_HOLDERS = ("state_dict", "model_state_dict", "model_state", "model", "network", "net", "weights", "params", "module")
"""The keys under which checkpoints of training keep a network's tensors, the likeliest first."""
_WRAPPERS = ("_orig_mod", "module", "model", "network", "net")
"""What torch.compile, DataParallel, Lightning and people's own classes put before the names of all tensors."""
_EXTRA = "_extra_state"
"""The end of the name under which torch keeps what a module says of itself beside its tensors."""
_HARMLESS = ("argparse.Namespace", "pathlib.PosixPath", "pathlib.PurePosixPath", "datetime.timedelta")
"""Classes of plain data that checkpoints hold beside their tensors."""


def is_file(weights: Any) -> bool:
    """Whether weights are named by a path rather than by one of torchvision's names."""
    return isinstance(weights, Path) or (
        isinstance(weights, str) and (weights.endswith(SUFFIXES) or read_text.is_file(Path(weights)))
    )


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a torch or safetensors file by name, on the CPU; nothing in the file is executed.

    Of a checkpoint those of its state_dict are taken. Raises `SpecError` where the file is missing, unreadable or
    holds anything else, which is said.
    """
    if not read_text.is_file(path):
        raise weights_error("weights-missing", f"there is no weights file `{path}`")
    try:
        content = _safetensors(path) if _is_safetensors(path) else _pickled(path)
    except Exception as error:  # torch and safetensors raise many kinds for a file that is not theirs
        what, help_ = what_it_is(path, error)
        raise weights_error("weights-unreadable", f"`{path}` cannot be read as weights: {what}", help=help_) from None
    return _tensors(content, path)


def unwrapped(state: Mapping[str, Tensor], own: Mapping[str, Any]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """The tensors under a module's own names, without a wrapper's prefix before them; and the names without it.

    >>> unwrapped({"module._orig_mod.fc.bias": 1, "n_averaged": 2}, {"fc.bias": 0})
    ({'fc.bias': 1}, ('n_averaged',))
    """
    state = {name.replace("._orig_mod.", "."): tensor for name, tensor in state.items()}  # of compiled parts too
    prefix = max(prefixes(state), key=lambda each: sum(f"{each}{name}" in state for name in own))
    if not any(f"{prefix}{name}" in state for name in own):
        prefix = _shared(state)
    named = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
    return named, tuple(name for name in state if not name.startswith(prefix))


def prefixes(state: Mapping[str, Tensor]) -> Iterator[str]:
    """None, and every run of wrappers that a name begins with; of equals the shorter comes first."""
    found = {""}
    for name in state:
        prefix = ""
        for part in name.split(".")[:-1]:
            if part not in _WRAPPERS:
                break
            found.add(prefix := f"{prefix}{part}.")
    yield from sorted(found, key=len)


def _shared(state: Mapping[str, Tensor]) -> str:
    """The longest run of wrappers that all names begin with."""
    return max(each for each in prefixes(state) if all(name.startswith(each) for name in state))


def _is_safetensors(path: Path) -> bool:
    """Whether a file is written as safetensors are, whatever its suffix."""
    with path.open("rb") as file:
        head = file.read(9)
    return head[8:] == b"{" or (path.suffix == ".safetensors" and not head.startswith((b"PK", b"\x80")))


def _safetensors(path: Path) -> object:
    from safetensors.torch import load_file

    return load_file(path)


def _pickled(path: Path) -> object:
    import torch

    with warnings.catch_warnings(), torch.serialization.safe_globals(_harmless()):
        warnings.simplefilter("ignore")  # of the file's storages, which are what they are
        with path.open("rb") as file:  # by its name torch would take it for something else
            return torch.load(file, map_location="cpu", weights_only=True)


def _harmless() -> list[Any]:
    from importlib import import_module

    import numpy as np

    scalars = [np.dtype, *(type(np.dtype(code)) for code in "fdeilqbB?")]
    plain = [getattr(import_module(module), name) for module, _, name in (each.rpartition(".") for each in _HARMLESS)]
    return [*plain, *scalars, np.float64(0).__reduce__()[0]]


def _tensors(content: object, path: Path) -> dict[str, Tensor]:
    """The state_dict in what a file holds: all of it, or that under a key."""
    while isinstance(content, Mapping) and not _is_state(content):
        held = [key for key, value in content.items() if isinstance(value, Mapping) and _holds_state(value)]
        known = [key for key in _HOLDERS if key in held]
        if not known and len(held) != 1:
            break
        content = content[(known or held)[0]]
    if not isinstance(content, Mapping) or not _is_state(content):
        found = ", ".join(f"`{key}`" for key in content) if isinstance(content, Mapping) else type(content).__name__
        raise weights_error(
            "weights-unreadable",
            f"`{path}` holds no state_dict",
            expected="a mapping of names to tensors, or a checkpoint with one under `state_dict`",
            found=found[:200] or "nothing",
        )
    return {name: tensor for name, tensor in content.items() if not name.endswith(_EXTRA)}


def _is_state(content: Mapping[Any, Any]) -> bool:
    from torch import Tensor

    return bool(content) and all(
        isinstance(name, str) and (isinstance(value, Tensor) or name.endswith(_EXTRA))
        for name, value in content.items()
    )


def _holds_state(content: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a state_dict, or holds one under a key that is known."""
    return _is_state(content) or any(
        isinstance(content.get(key), Mapping) and _is_state(content[key]) for key in _HOLDERS
    )


def what_it_is(path: Path, error: Exception) -> tuple[str, str | None]:
    """What a file is that cannot be read as tensors, in words, and what to do about it."""
    with path.open("rb") as file:
        head = file.read(256)
    for begins, what, help_ in _KINDS:
        if head.lstrip().lower().startswith(begins):
            return what, help_
    if "TorchScript" in str(error):
        return (
            "it is a TorchScript archive",
            f'save its tensors: `torch.save(torch.jit.load("{path.name}").state_dict(), …)`',
        )
    if names := _classes(path, error):
        return _of_classes(names)
    if head.startswith(b"\x80") or "weights_only" in str(error):
        return "it is a pickle of something else than tensors", None
    return _first_line(error), None


_KINDS: tuple[tuple[bytes, str, str | None], ...] = (
    (b"version https://git-lfs", "it is a pointer of Git LFS", "fetch the file that it stands for: `git lfs pull`"),
    (b"<", "it is a web page or other markup", "download the file itself"),
    (b"\x89hdf", "it is an HDF5 file, as Keras writes them", "only weights of torch and safetensors can be read"),
    (b"\x93numpy", "it is an array of NumPy", "only weights of torch and safetensors can be read"),
    (b"\x1f\x8b", "it is compressed with gzip", "unpack it first"),
)


def _classes(path: Path, error: Exception) -> list[str]:
    """The full names of the Python objects in a pickle that are more than tensors and plain data."""
    import torch

    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # no file of its newer format
        names = re.findall(r"\bglobal:? ([A-Za-z_]\w*(?:\.\w+)+)", str(error), re.IGNORECASE)
    return sorted(set(names) - set(_HARMLESS), key=lambda name: (name.startswith("torch."), name))


def _of_classes(names: list[str]) -> tuple[str, str | None]:
    told = ", ".join(f"`{name}`" for name in names[:3]) + (", …" if len(names) > 3 else "")
    if any(name.startswith("numpy") for name in names):
        return "it holds arrays of NumPy, not tensors", "turn each into a tensor: `torch.from_numpy(array)`"
    help_ = "where its code is installed, save its tensors alone: `torch.save(module.state_dict(), …)`"
    if any(name.startswith("torch.nn.modules") for name in names):
        return f"it is a whole module, pickled with its classes: {told}", help_
    return f"it holds Python objects, which are not loaded: {told}", help_


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def weights_error(code: str, message: str, **details: Any) -> SpecError:
    """An error about weights, which has no place in a text."""
    return SpecError([Diagnostic(code, message, **details)])
