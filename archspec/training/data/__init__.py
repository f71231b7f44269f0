"""Data: a recipe's `data:` section → batches that fit a spec, in an order that seed and epoch decide.

Its names are imported when they are first asked for: reading a section needs neither torch nor Lightning.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.training.data.data_opener import eval_pipeline as eval_pipeline
    from archspec.training.data.data_opener import open_apart as open_apart
    from archspec.training.data.data_opener import open_data as open_data
    from archspec.training.data.fit_to_spec import Problem as Problem
    from archspec.training.data.fit_to_spec import held_against as held_against
    from archspec.training.data.images import read_image as read_image
    from archspec.training.data.loader import told_of_workers as told_of_workers
    from archspec.training.data.module import Data as Data
    from archspec.training.data.settings import DataSettings as DataSettings
    from archspec.training.data.settings import check_transforms as check_transforms
    from archspec.training.data.settings import detects as detects
    from archspec.training.data.settings import parse_data as parse_data

_HOMES = {
    "Data": "module",
    "DataSettings": "settings",
    "Problem": "fit_to_spec",
    "check_transforms": "settings",
    "detects": "settings",
    "eval_pipeline": "data_opener",
    "held_against": "fit_to_spec",
    "open_apart": "data_opener",
    "open_data": "data_opener",
    "parse_data": "settings",
    "read_image": "images",
    "told_of_workers": "loader",
}

__all__ = [
    "Data",
    "DataSettings",
    "Problem",
    "check_transforms",
    "detects",
    "eval_pipeline",
    "held_against",
    "open_apart",
    "open_data",
    "parse_data",
    "read_image",
    "told_of_workers",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value
