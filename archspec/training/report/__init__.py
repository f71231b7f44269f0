"""The results of a run, to look at: curves.png, confusion.png and report.html in its folder."""

from archspec.training.report.write_report import write_report

__all__ = ["write_report"]
