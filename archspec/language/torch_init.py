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

WORDS: dict[str, tuple[str, ...]] = {
    "mode": ("fan_in", "fan_out"),
    "nonlinearity": (
        "linear",
        "conv1d",
        "conv2d",
        "conv3d",
        "conv_transpose1d",
        "conv_transpose2d",
        "conv_transpose3d",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "selu",
    ),
}
"""The words that an argument may be; every other argument is a number."""

LEAST_DIMENSIONS: dict[str, int] = {
    **dict.fromkeys(FUNCTIONS, 0),
    **dict.fromkeys(
        ("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal", "sparse"), 2
    ),
    "dirac": 3,
}
"""The dimensions that a tensor must have at least for a function to fill it."""
