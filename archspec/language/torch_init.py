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
    "eye": (),
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

_DIMENSIONS: dict[str, tuple[int, int | None]] = {
    **dict.fromkeys(FUNCTIONS, (0, None)),
    **dict.fromkeys(("xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "orthogonal"), (2, None)),
    **dict.fromkeys(("eye", "sparse"), (2, 2)),
    "dirac": (3, 5),
}
"""The least and the most dimensions of a tensor that a function can fill."""


def fills_only(name: str, dimensions: int) -> str | None:
    """What a function fills, where that is no tensor of so many dimensions.

    >>> fills_only("eye", 4), fills_only("xavier_normal", 1), fills_only("zeros", 0)
    ('tensors of 2 dimensions', 'tensors of 2 dimensions or more', None)
    """
    least, most = _DIMENSIONS.get(name, (0, None))
    if least <= dimensions and (most is None or dimensions <= most):
        return None
    if most is None:
        return f"tensors of {least} dimensions or more"
    return f"tensors of {least} dimensions" if least == most else f"tensors of {least} to {most} dimensions"
