"""Every bundled classifier, or those named, under `torch.compile(fullgraph=True)`: a graph break is an error there."""

from __future__ import annotations

import sys

import torch
from timing import report

import archspec
from archspec.api import zoo


def main() -> None:
    """Trace each variant in both modes, on the meta device so that nothing is computed."""
    broken = 0
    names = sys.argv[1:] or [name for name, _ in zoo.variants()]
    for name in names:
        architecture = archspec.read(name)
        module = architecture.build(device="meta")
        batch = [torch.randn(2, *shape, device="meta") for shape in architecture.graph.root.input_shapes]
        for mode in (False, True):
            torch._dynamo.reset()
            try:
                torch.compile(module.train(mode), backend="eager", fullgraph=True)(*batch)
            except Exception as error:  # whatever torch says, it is a break
                broken += 1
                print(f"  {name} ({'training' if mode else 'eval'}): {str(error).splitlines()[0]}")
    report(f"graph breaks in {len(names)} architectures", broken, "0")


if __name__ == "__main__":
    main()
