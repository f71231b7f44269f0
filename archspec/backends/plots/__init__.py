"""Plots: what each stage of an architecture costs, and how the variants of a family compare; drawn by matplotlib."""

from archspec.backends.plots.family import plot_family
from archspec.backends.plots.figure import FORMATS
from archspec.backends.plots.stages import plot_stages
from archspec.backends.themes import Theme

__all__ = ["FORMATS", "Theme", "plot_family", "plot_stages"]
