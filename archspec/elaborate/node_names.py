"""The names of nodes: templates filled in, and checked to be safe as attributes and state_dict keys.

A name of copies is a template, which the index fills:

>>> from archspec.elaborate.example import example
>>> [node.name for node in example('{"conv{i + 1}": {conv: 8, kernel_size: 1, repeat: 3}}').walk()]
['conv1', 'conv2', 'conv3']
"""

from __future__ import annotations

import re
from functools import lru_cache

from archspec.elaborate.context import Context
from archspec.elaborate.site import Site
from archspec.language.budget import CHARACTERS, NAME, SpentError
from archspec.language.expressions import MAX_LENGTH, Attributes, ExpressionError, parse_expression
from archspec.language.identifiers import KEY_RULE, is_key
from archspec.language.plain_values import whole
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span

MAX_NAME = 200
"""Characters of a node's name."""
_HOLE = re.compile(r"\{([^{}]*)\}")

MODULE_ATTRIBUTES = frozenset(
    """
    T_destination add_module apply bfloat16 buffers call_super_init children compile cpu cuda double
    dump_patches eval extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu
    load_state_dict modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    """.split()  # noqa: SIM905 - forty lines otherwise
)
"""What `torch.nn.Module` defines itself; a test holds this list against the installed torch."""

PRIVATE_ATTRIBUTES = frozenset(
    """
    _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks
    _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
    _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook _is_fsdp_managed_module
    _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks
    _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set _parameters
    _register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel _save_to_state_dict
    _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
    """.split()  # noqa: SIM905 - as above
)
"""What `torch.nn.Module` keeps to itself under names of the form that a page may use; a test holds this list, too."""

FORBIDDEN = MODULE_ATTRIBUTES | PRIVATE_ATTRIBUTES | {"input", "previous"}

FORBIDDEN_INSIDE = MODULE_ATTRIBUTES | PRIVATE_ATTRIBUTES | {"clear", "items", "keys", "pop", "update", "values"}
"""The same of `torch.nn.ModuleDict`, in which stands what has dots in its name."""


def is_template(name: str) -> bool:
    """Whether a name holds an expression: `denselayer{i+1}`."""
    return "{" in name


def expanded(site: Site, text: str, span: Span) -> str:
    """A name with its expressions written out."""
    if "{" not in text:
        return text
    if len(text) > MAX_LENGTH:
        expected = f"at most {MAX_LENGTH:,} characters"
        site.fail("too-large", "this template of names is too long", span, expected=expected)
    site.context.bounds.pay(NAME * text.count("{") + len(text) // CHARACTERS, span)

    def fill(hole: re.Match[str]) -> str:
        try:
            value = whole(parse_expression(hole[1]).evaluate(site.scope))
        except SpentError:
            site.context.bounds.spent(span)
        except ExpressionError as error:
            site.fail("expression", f"in the name `{text}`: {error.message}", span, help=error.help)
        if not isinstance(value, (str, int, float)):
            found = None if isinstance(value, Attributes) else value_text(value)
            message = f"in the name `{text}`: `{hole[1]}` is neither a number nor a word"
            site.fail("expression", message, span, found=found)
        return str(value)

    return _HOLE.sub(fill, text)


@lru_cache(maxsize=4096)
def _is_free(name: str) -> bool:
    first, *inner = name.split(".")
    return first not in FORBIDDEN and FORBIDDEN_INSIDE.isdisjoint(inner) and is_key(name)


def check_name(context: Context, name: str, span: Span, address: str) -> bool:
    """Whether a name can be that of a module inside another one; reports it where it cannot."""
    if len(name) > MAX_NAME:
        message, expected = "a node's name is too long", f"at most {MAX_NAME} characters"
        context.report("too-large", message, span, expected=expected, found=str(len(name)))
        return False
    if _is_free(name):
        return True
    if is_key(name):
        owner = (
            "it is a reserved word"
            if name in ("input", "previous")
            else "`torch.nn.Module` has an attribute of that name"
        )
        context.report(
            "name",
            f"a node cannot be called `{name}`: {owner}",
            span,
            address,
            help=f"for example `{name}_` or `{name}1`",
        )
    else:
        context.report("name", f"a node cannot be called `{name}`", span, address, expected=KEY_RULE)
    return False
