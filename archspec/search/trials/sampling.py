"""Optuna's samplers, held to what is feasible: a network is proposed only if it meets every condition, and once."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.samplers import BaseSampler, NSGAIISampler, RandomSampler, TPESampler
from optuna.trial import FrozenTrial, TrialState

from archspec.search.study.page import Study
from archspec.search.study.space import number_at

TRIES = 200
"""So often a sampler is asked for a feasible network before one is drawn."""
TAKEN = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.WAITING)
STARTUP = 10
"""So many networks are drawn at random before a model proposes the next."""


class NothingLeft(Exception):  # noqa: N818 - a signal: there is nothing more to train
    """Every feasible network is trained or in training; the trial that asked for one has none."""

    def __init__(self, trial: int) -> None:
        super().__init__(trial)
        self.trial = trial


class FeasibleSampler(BaseSampler):
    """Asks another sampler until it proposes a network that is feasible and new.

    What is proposed follows from the study's seed, the trial's number and what was trained before, whoever asks.
    """

    def __init__(self, study: Study, numbers: Sequence[int]) -> None:
        self._study, self._numbers = study, numbers
        self._feasible = frozenset(numbers)
        self._space = space_of(study)

    def infer_relative_search_space(self, study: optuna.study.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """All choices: which go together is what is asked."""
        return self._space

    def sample_relative(
        self, study: optuna.study.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The params of a network that is feasible and not taken yet."""
        taken = {number_of(self._study, other.params) for other in _others(study, trial)}
        left = [number for number in self._numbers if number not in taken]
        if not left:
            raise NothingLeft(trial.number)
        if self._study.section.sampler == "grid":
            return params_of(self._study, left[0])
        inner = self._inner(trial.number)
        for _ in range(TRIES):
            params = inner.sample_relative(study, trial, search_space)
            for name, distribution in search_space.items():
                if name not in params:
                    params[name] = inner.sample_independent(study, trial, name, distribution)
            number = number_of(self._study, params)
            if number in self._feasible and number not in taken:
                return params
        return params_of(self._study, random.Random(self._seed(trial.number)).choice(left))

    def sample_independent(
        self, study: optuna.study.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Never asked: all params are sampled together."""
        raise NotImplementedError(param_name)

    def _seed(self, trial: int) -> int:
        return (self._study.section.seed * 1_000_003 + trial) % 2**32

    def _inner(self, trial: int) -> BaseSampler:
        seed = self._seed(trial)
        if self._study.section.sampler == "nsga2":
            return NSGAIISampler(seed=seed, population_size=STARTUP)
        if self._study.section.sampler == "tpe":
            return TPESampler(seed=seed, multivariate=True, constant_liar=True, n_startup_trials=STARTUP)
        return RandomSampler(seed=seed)


def space_of(study: Study) -> dict[str, BaseDistribution]:
    """Each choice by the places of its values: in order where they are numbers, else as categories."""
    return {name: _distribution(choice.values) for name, choice in study.choices.items()}


def number_of(study: Study, params: Mapping[str, Any]) -> int:
    """The number of the point that a trial's params are."""
    return number_at(study, params) if params.keys() >= study.choices.keys() else -1


def params_of(study: Study, number: int) -> dict[str, Any]:
    """A point as a trial's params: the places of its values."""
    found = {}
    for name, choice in reversed([*study.choices.items()]):
        number, found[name] = divmod(number, len(choice.values))
    return dict(reversed(found.items()))


def _distribution(values: Sequence[Any]) -> BaseDistribution:
    numbers = all(isinstance(each, (int, float)) and not isinstance(each, bool) for each in values)
    if numbers:
        return IntDistribution(0, len(values) - 1)
    return CategoricalDistribution(range(len(values)))


def is_taken(trial: FrozenTrial) -> bool:
    """Whether a trial's network needs no other trial: one that failed by itself would fail again."""
    return trial.state in TAKEN or "error" in trial.user_attrs


def _others(study: optuna.study.Study, trial: FrozenTrial) -> list[FrozenTrial]:
    every = study._storage.get_all_trials(study._study_id, deepcopy=False)
    return [other for other in every if other.number != trial.number and is_taken(other)]
