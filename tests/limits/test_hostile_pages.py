"""`check` answers any page under a megabyte within seconds and some hundred megabytes, with located errors."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .hostile_pages import HOSTILE

MOST_SECONDS = 10.0
"""Of the processor; twice what is promised, for slow machines."""
MOST_MEGABYTES = 500
GROUP = 12
NAMES = list(HOSTILE)
OF_YAML = {"yaml-syntax", "too-many-values"}
"""What a page fails with before any word of it is read."""
NO_YAML = {"aliases"}
"""The pages that are meant to."""

CHECK = """
import json, re, sys, time
from pathlib import Path
from archspec.api.check import check
for path in sys.argv[1:]:
    start = time.process_time()
    found = [each for checked in check(path) for each in checked.diagnostics]
    spent = time.process_time() - start
    located = all(each.span is not None or each.code == "more-errors" for each in found if each.severity == "error")
    # Not getrusage: what it says of a process begins with what its parent had when it was forked.
    memory = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) / 1024
    told = sum(len(str(each)) for each in found[:500])
    print(json.dumps([path, spent, memory, located, len(found), told, [each.code for each in found[:3]]]), flush=True)
"""


def limited() -> None:
    """Bounds for the whole process, so that what takes too long or too much is stopped."""
    resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))


@pytest.mark.parametrize("first", range(0, len(NAMES), GROUP))
def test_hostile_pages(first: int, tmp_path: Path) -> None:
    names = NAMES[first : first + GROUP]
    for name in names:
        (tmp_path / f"{name}.yaml").write_text(HOSTILE[name])
    command = [sys.executable, "-c", CHECK, *(f"{name}.yaml" for name in names)]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, preexec_fn=limited, check=False)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(names), (names[len(answers)], ran.returncode, ran.stderr[-2000:])
    for path, seconds, memory, located, count, told, codes in answers:
        assert seconds < MOST_SECONDS, (path, seconds)
        assert memory < MOST_MEGABYTES, (path, memory)
        assert located, (path, codes)
        assert "internal" not in codes, path
        assert OF_YAML.isdisjoint(codes) == (Path(path).stem not in NO_YAML), (path, codes)
        assert count <= 10_000 and told < 1_000_000, (path, count, told)


@pytest.mark.parametrize("name", NAMES)
def test_pages_are_as_large_as_a_page_may_be(name: str) -> None:
    assert len(HOSTILE[name].encode()) < 1 << 20


def test_a_thicket_is_drawn(tmp_path: Path) -> None:
    """300 nodes of eight inputs each: seconds, where the best order of so many wires would take minutes."""
    sources = [[n - 1 - (n * k * 7) % 19 for k in range(1, 9)] for n in range(20, 300)]
    nodes = [f"  a{n}: {{conv: 4, kernel_size: 1, from: input}}" for n in range(20)]
    nodes += [f"  a{n}: {{add: [{', '.join(f'a{k}' for k in each)}]}}" for n, each in enumerate(sources, 20)]
    (tmp_path / "net.yaml").write_text(
        "\n".join(["archspec: 1", "name: net", "input: [4, 8, 8]", "graph:", *nodes, ""])
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "archspec", "draw", "net.yaml"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < MOST_SECONDS
