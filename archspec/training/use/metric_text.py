"""Metrics as text for a reader."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {"accuracy_top5": "top-5 accuracy", "map": "mAP", "map_50": "mAP at 0.5", "map_75": "mAP at 0.75"}
_MASKS = "mask_"


def measure_words(name: str) -> str:
    """What a measure is called.

    >>> measure_words("accuracy_top5"), measure_words("loss"), measure_words("mask_map_50")
    ('top-5 accuracy', 'loss', 'mask mAP at 0.5')
    """
    if name.startswith(_MASKS):
        return f"mask {measure_words(name.removeprefix(_MASKS))}"
    return _WORDS.get(name, name)


def measure_text(value: float, name: str) -> str:
    """A measure's value.

    >>> measure_text(0.98765, "accuracy"), measure_text(0.0312345, "loss"), measure_text(0.41, "map_50")
    ('98.8%', '0.03123', '0.410')
    """
    if name.startswith("accuracy"):
        return f"{value:.1%}"
    if "map" in name.split("_"):
        return precision_text(value)
    return f"{value:.4g}"


def precision_text(value: float) -> str:
    """An average precision or recall, as COCO's tables have it; it gives -1 where there are no objects.

    >>> precision_text(0.4118), precision_text(-1)
    ('0.412', 'no objects')
    """
    return f"{value:.3f}" if value >= 0 else "no objects"


def measures_text(measures: Mapping[str, float]) -> str:
    """Several in a line.

    >>> measures_text({"loss": 0.0312345, "accuracy": 0.98765})
    'loss 0.03123, accuracy 98.8%'
    """
    return ", ".join(f"{measure_words(name)} {measure_text(value, name)}" for name, value in measures.items())
