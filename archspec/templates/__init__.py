"""Blocks of one definition, folded into templates: one class each in source, one picture each in a drawing."""

from archspec.templates.constructor_calls import (
    Chain,
    Comparison,
    Condition,
    Constant,
    Construct,
    Counted,
    Expression,
    Given,
    Item,
    Link,
    Listed,
    Reference,
    listed,
)
from archspec.templates.fold import EQUATION, Folding, Together, fold, fold_family, label
from archspec.templates.template import Child, Parameter, Template

__all__ = [
    "EQUATION",
    "Chain",
    "Child",
    "Comparison",
    "Condition",
    "Constant",
    "Construct",
    "Counted",
    "Expression",
    "Folding",
    "Given",
    "Item",
    "Link",
    "Listed",
    "Parameter",
    "Reference",
    "Template",
    "Together",
    "fold",
    "fold_family",
    "label",
    "listed",
]
