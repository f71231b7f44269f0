"""Write the network as a page of YAML; get exactly that network: a PyTorch module, proven counts, a picture.

>>> import archspec
>>> archspec.read("resnet50").params
25557032
"""

from archspec.architecture import Architecture, read
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.loading import load

__all__ = ["Architecture", "Diagnostic", "SpecError", "load", "read"]
