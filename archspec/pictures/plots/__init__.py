"""Plots: what each stage of an architecture costs, and how the variants of a family compare; drawn by matplotlib."""

from archspec.pictures.plots.family import plot_family
from archspec.pictures.plots.figure import FORMATS
from archspec.pictures.plots.stages import plot_stages
from archspec.pictures.render.themes import Theme

__all__ = ["FORMATS", "Theme", "plot_family", "plot_stages"]
