"""torch.nn.init's functions, and what each takes."""

from __future__ import annotations

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "uniform": ("a", "b"),
    "normal": ("mean", "std"),
    "trunc_normal": ("mean", "std", "a", "b"),
    "constant": ("val",),
    "ones": (),
    "zeros": (),
    "xavier_uniform": ("gain",),
    "xavier_normal": ("gain",),
    "kaiming_uniform": ("a", "mode", "nonlinearity"),
    "kaiming_normal": ("a", "mode", "nonlinearity"),
    "orthogonal": ("gain",),
    "dirac": ("groups",),
    "sparse": ("sparsity", "std"),
}
"""The names without their trailing underscore, with the keywords after the tensor."""
