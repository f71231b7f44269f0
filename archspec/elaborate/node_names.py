"""The names of nodes: templates filled in, and checked to be safe as attributes and state_dict keys."""

from __future__ import annotations

import re
from functools import lru_cache

from archspec.elaborate.context import Context
from archspec.elaborate.scope import Scope
from archspec.language.budget import CHARACTERS, NAME, SpentError
from archspec.language.expressions import MAX_LENGTH, Attributes, ExpressionError, parse_expression
from archspec.language.identifiers import NAME_RULE, is_identifier
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

FORBIDDEN = MODULE_ATTRIBUTES | {"input", "previous", "self", "torch", "nn", "torchvision"}


def is_template(name: str) -> bool:
    """Whether a name holds an expression: `denselayer{i+1}`."""
    return "{" in name


def expanded(context: Context, text: str, scope: Scope, span: Span, address: str) -> str:
    """A name with its expressions written out."""
    if "{" not in text:
        return text
    if len(text) > MAX_LENGTH:
        expected = f"at most {MAX_LENGTH:,} characters"
        context.fail("too-large", "this template of names is too long", span, address, expected=expected)
    context.pay(NAME * text.count("{") + len(text) // CHARACTERS, span)

    def fill(hole: re.Match[str]) -> str:
        try:
            value = whole(parse_expression(hole[1]).evaluate(scope))
        except SpentError:
            context.spent(span)
        except ExpressionError as error:
            context.fail("expression", f"in the name `{text}`: {error.message}", span, address, help=error.help)
        if not isinstance(value, (str, int, float)):
            found = None if isinstance(value, Attributes) else value_text(value)
            message = f"in the name `{text}`: `{hole[1]}` is neither a number nor a word"
            context.fail("expression", message, span, address, found=found)
        return str(value)

    return _HOLE.sub(fill, text)


@lru_cache(maxsize=4096)
def _is_free(name: str) -> bool:
    return name not in FORBIDDEN and is_identifier(name)


def check_name(context: Context, name: str, span: Span, address: str) -> bool:
    """Whether a name can be an attribute of a module; reports it where it cannot."""
    if len(name) > MAX_NAME:
        message, expected = "a node's name is too long", f"at most {MAX_NAME} characters"
        context.report("too-large", message, span, expected=expected, found=str(len(name)))
        return False
    if _is_free(name):
        return True
    if name in FORBIDDEN:
        owner = (
            "`torch.nn.Module` has an attribute of that name" if name in MODULE_ATTRIBUTES else "it is a reserved word"
        )
        context.report(
            "name",
            f"a node cannot be called `{name}`: {owner}",
            span,
            address,
            help=f"for example `{name}_` or `{name}1`",
        )
    else:
        context.report("name", f"a node cannot be called `{name}`", span, address, expected=NAME_RULE)
    return False
