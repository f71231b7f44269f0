"""Every bundled network, or those named, under `torch.compile(fullgraph=True)`: a graph break is an error there.

What torch cannot take in one graph is not counted: recurrent layers, and what depends on how many boxes there are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from timing import cases, report

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.torch_tools.networks import DOCUMENTS, network
from tests.torch_tools.tools import fault


def main() -> None:
    """Compile each network in evaluation and in training, on small inputs."""
    named = [each for each in sys.argv[1:] if not each.startswith("-")]
    names = cases(named or list(DOCUMENTS))
    broken = 0
    for name in names:
        found = fault("compile", DOCUMENTS[name], *network(name))
        if found:
            broken += 1
            print(f"  {name}: {found}")
    report(f"networks of {len(names)} with a graph break", broken, "0")


if __name__ == "__main__":
    main()
