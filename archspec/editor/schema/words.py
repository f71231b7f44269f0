"""What the keys of a node mean that are no op's, in one sentence, with what may stand there."""

from __future__ import annotations

from typing import Any

_NAME = {"type": "string", "minLength": 1}
_TRUTH = {"type": ["boolean", "integer", "string"]}
_TAKEN = {
    "anyOf": [
        _NAME,
        {
            "type": "object",
            "properties": {"from": _NAME, "repeat": {"type": ["integer", "string"]}, "when": _TRUTH},
            "required": ["from"],
            "additionalProperties": False,
        },
    ]
}
_SEVERAL = {"anyOf": [_TAKEN, {"type": "array", "items": _TAKEN, "minItems": 1}]}

NODE_KEYS: dict[str, dict[str, Any]] = {
    "from": {
        "description": "The node whose value it takes, `input` for the graph's input, `previous` for the node before; "
        "a list for a node with several inputs.",
        "examples": ["input", "previous", ["a", "b"]],
        **_SEVERAL,
    },
    "when": {
        "description": "The condition under which the node is there; switched off, it stands for its first input.",
        "examples": ["stride > 1"],
        **_TRUTH,
    },
    "else": {
        "description": "The node that stands there, under the same name, where `when` does not hold.",
        "examples": ["identity"],
        "$ref": "#/$defs/node",
    },
    "repeat": {
        "description": "How many copies stand in series, numbered by `i`; `{j: n}` numbers them by `j`.",
        "examples": [3, "depth", {"j": "depths[i]"}],
        "type": ["integer", "string", "object"],
    },
    "each": {
        "description": "One copy for each row of a table; its columns are names inside the copy.",
        "examples": [{"columns": ["width", "stride"], "rows": [[16, 2], [32, 2]]}],
        "type": ["object", "array", "string"],
    },
    "over": {
        "description": "One copy for each of several values.",
        "examples": ["maps", ["q", "k", "v"]],
        **_SEVERAL,
    },
    "carry": {
        "description": "The inputs of the block that take, from the second step on, what the step before gave.",
        "examples": [["hidden", "flow"], {"hidden": "h"}],
        "type": ["array", "object", "string"],
    },
    "replace": {
        "description": "Calls that stand in the place of ops or blocks wherever these are inside the node.",
        "examples": [{"batch_norm": {"group_norm": 32}}],
        "type": ["object", "string", "null"],
    },
    "tie": {
        "description": "Tensors of the layer that are those of a node above: one parameter under two keys.",
        "examples": [{"weight": "wte.weight"}],
        "type": ["object", "null"],
    },
    "parametrize": {
        "description": "The function of torch.nn.utils.parametrizations that computes the layer's weight.",
        "examples": ["weight_norm", "spectral_norm"],
        "type": ["string", "null"],
    },
    "training": {"description": "Whether the node runs in training mode only.", "examples": [True], **_TRUTH},
    "freeze": {"description": "Whether the node's parameters do not train.", "examples": [True], **_TRUTH},
    "expect": {
        "description": "The shape that the author asserts, without the batch; `null` for any size.",
        "examples": [[256, 56, 56]],
        "type": ["array", "string", "object"],
    },
    "graph": {"description": "A nested graph: a module of its own.", "$ref": "#/$defs/graph"},
    "nodes": {"description": "A group, whose nodes become the enclosing graph's own.", "$ref": "#/$defs/graph"},
    "use": {
        "description": "The op, block or spec that an expression names.",
        "examples": ["block", "resnet50", "./backbone.yaml"],
    },
    "share": {"description": "An earlier node whose module, with its weights, is used again.", **_NAME},
}
"""The modifiers of a node and what makes a node without naming an op."""
