"""Two graphs side by side: what was added, removed, changed and moved, and which weights would carry over."""

from archspec.analysis.comparison.alignment import same_inputs
from archspec.analysis.comparison.compare import compare
from archspec.analysis.comparison.model import Change, Comparison, Pair, Status

__all__ = ["Change", "Comparison", "Pair", "Status", "compare", "same_inputs"]
