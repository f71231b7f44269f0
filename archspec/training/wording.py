"""Measures as a reader wants them."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {"accuracy_top5": "top-5 accuracy"}


def measure_words(name: str) -> str:
    """What a measure is called.

    >>> measure_words("accuracy_top5"), measure_words("loss")
    ('top-5 accuracy', 'loss')
    """
    return _WORDS.get(name, name)


def measure_text(value: float, name: str) -> str:
    """A measure's value.

    >>> measure_text(0.98765, "accuracy"), measure_text(0.0312345, "loss")
    ('98.8%', '0.03123')
    """
    return f"{value:.1%}" if name.startswith("accuracy") else f"{value:.4g}"


def measures_text(measures: Mapping[str, float]) -> str:
    """Several in a line.

    >>> measures_text({"loss": 0.0312345, "accuracy": 0.98765})
    'loss 0.03123, accuracy 98.8%'
    """
    return ", ".join(f"{measure_words(name)} {measure_text(value, name)}" for name, value in measures.items())
