"""Where the trials of a study are kept: a journal file, or a database by its URL; whoever opens it takes part."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import optuna
from optuna.exceptions import StorageInternalError
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from sqlalchemy.exc import SQLAlchemyError

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.yaml_tree import plain
from archspec.search.study.page import Study
from archspec.search.trials.sampling import FeasibleSampler

BUDGETS = ("trials", "epochs", "hours", "about", "name")
"""Keys that may change while a study runs: they make no other trials of those that are there."""
FAILURES = (SQLAlchemyError, StorageInternalError, ValueError, OSError, ImportError)
"""What a storage that is not there raises."""


def open_trials(study: Study, storage: str, numbers: list[int]) -> optuna.study.Study:
    """The trials of a study, begun or joined; raises `SpecError` where the storage is not there, or is another's."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        opened = optuna.create_study(
            storage=_backend(storage),
            study_name=study.name,
            directions=["maximize" if aim.largest else "minimize" for aim in study.aims],
            sampler=FeasibleSampler(study, numbers),
            pruner=_pruner(study),
            load_if_exists=True,
        )
        known = opened.user_attrs.get("page")
        if known is None:
            opened.set_user_attr("page", digest(study))
            known = digest(study)
    except FAILURES as error:
        raise SpecError([_unreachable(storage, error)]) from None
    if known != digest(study):
        message = f"`{storage}` holds the trials of another page called `{study.name}`"
        help_ = f"give another `--storage` or `name`; only {', '.join(f'`{key}`' for key in BUDGETS[:3])} may change"
        raise SpecError([Diagnostic("storage", message, study.tree.span, help=help_)])
    return opened


def digest(study: Study) -> str:
    """What a page says, but for its budgets: equal for two that have the same trials."""
    said = {key.value: plain(tree) for key, tree in study.tree.entries if key.value not in BUDGETS}
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def _backend(storage: str) -> BaseStorage | str:
    if "://" in storage:
        return storage
    path = Path(storage).absolute()  # the lock is a link to it, which must be found from the lock's own folder
    path.parent.mkdir(parents=True, exist_ok=True)
    return JournalStorage(JournalFileBackend(str(path)))


def _pruner(study: Study) -> optuna.pruners.BasePruner:
    if study.section.pruner == "halving":
        return optuna.pruners.SuccessiveHalvingPruner()
    if study.section.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner()
    return optuna.pruners.NopPruner()


def _unreachable(storage: str, error: Exception) -> Diagnostic:
    reason = str(error).strip().split("\n")[0]
    help_ = "a file such as `study.journal`, or a URL such as `postgresql://user@host/name`"
    return Diagnostic("storage", f"`{storage}` cannot be opened", None, found=reason, help=help_)
