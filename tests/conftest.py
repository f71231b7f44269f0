"""Which tests are slow, and that properties are tried with the same examples each time.

Slow are those that `slow.txt` names, by the processor's time that they took when they were measured. Other examples
are drawn by `pytest --hypothesis-profile=default`.
"""

from __future__ import annotations

import resource
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeated", derandomize=True)
settings.load_profile("repeated")

SLOW = Path(__file__).with_name("slow.txt")
ENOUGH = 1.0
"""A test function is slow where its cases together take so many seconds."""
_STARTED = pytest.StashKey[float]()
_SECONDS = "processor seconds"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--measure", action="store_true", help="write into tests/slow.txt which of the tests run are slow")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--measure") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Measured())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    slow = set(slow_functions())
    for item in items:
        if function_of(item.nodeid) in slow:
            item.add_marker("slow")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_STARTED] = _processor_seconds()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "teardown":  # the report of a worker goes to the main process with its properties
        report.user_properties.append((_SECONDS, _processor_seconds() - item.stash[_STARTED]))
    return report


class Measured:
    """What each function that was run took; at the end the slow ones are listed, and others kept as they are."""

    def __init__(self) -> None:
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, seconds in report.user_properties:
            if name == _SECONDS and isinstance(seconds, float):
                self._seconds[function_of(report.nodeid)] += seconds

    def pytest_sessionfinish(self) -> None:
        others = [each for each in slow_functions() if each not in self._seconds]
        slow = [each for each, seconds in self._seconds.items() if seconds >= ENOUGH]
        SLOW.write_text(HEADER + "".join(f"{each}\n" for each in sorted({*others, *slow})), "utf-8")


HEADER = f"""# Tests that are marked slow: functions whose cases together take a processor {ENOUGH:g} s or more.
# `pytest --measure PATH...` writes this for the tests that it runs and leaves the others as they are.
"""


def slow_functions() -> list[str]:
    """The functions that are slow, as `tests/area/test_file.py::test_name`."""
    return [line for line in SLOW.read_text("utf-8").splitlines() if not line.startswith("#")]


def function_of(nodeid: str) -> str:
    """A test's name without its case."""
    return nodeid.partition("[")[0]


def _processor_seconds() -> float:
    """What this process and its children that ended have taken so far."""
    used = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
