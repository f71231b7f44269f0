"""The constructor of a generated class, read: what makes each module."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

REPEATED = (ast.GeneratorExp, ast.DictComp)


class Built(Struct, frozen=True):
    """An expression that makes a module, and the statement or the item of a list that a reader looks at."""

    value: ast.expr
    statement: ast.stmt | ast.expr


class Constructor(Struct):
    """Reads `__init__`: modules by attribute or key, lists of modules by variable, and what a sequence is made of."""

    method: ast.FunctionDef
    named: dict[str, Built] = field(default_factory=dict)
    sequence: list[Built] = field(default_factory=list)
    _lists: dict[str, list[Built]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in simple(self.method.body):
            if isinstance(statement, (ast.Assign, ast.AnnAssign)):
                self._assigned(statement)
            elif isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
                self._lists.setdefault(statement.target.id, []).extend(self.items(statement.value))
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self._called(statement.value)

    def items(self, value: ast.expr) -> list[Built]:
        """The modules of a chain's expression, one for each; repeated ones share an expression."""
        value = bare(value)
        if isinstance(value, ast.Name):
            return self._lists.get(value.id, [])
        if isinstance(value, ast.Call):
            return [each for argument in value.args for each in self._argument(argument)] + [
                each for keyword in value.keywords for each in self._keyword(keyword)
            ]
        if isinstance(value, (ast.List, ast.Tuple)):
            return [each for item in value.elts for each in self._argument(item)]
        if isinstance(value, ast.Dict):
            return [Built(bare(item), item) for item in value.values]
        return _repeated(value) if isinstance(value, REPEATED) else []

    def _argument(self, argument: ast.expr) -> list[Built]:
        """What one argument or item of a chain comes to: itself, or where it is a container, what that holds."""
        if isinstance(argument, ast.Starred):
            return self.items(argument.value)
        if isinstance(argument, ast.Tuple):  # ("name", module)
            return [Built(bare(argument.elts[-1]), argument)]
        container = isinstance(argument, (ast.List, ast.Dict, ast.DictComp))
        dictionary = isinstance(argument, ast.Call) and ast.unparse(argument.func) == "OrderedDict"
        variable = isinstance(argument, ast.Name) and argument.id in self._lists
        return self.items(argument) if container or dictionary or variable else [Built(bare(argument), argument)]

    def _keyword(self, keyword: ast.keyword) -> list[Built]:
        return [Built(bare(keyword.value), keyword.value)] if keyword.arg else self.items(keyword.value)

    def _assigned(self, statement: ast.Assign | ast.AnnAssign) -> None:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
        value = statement.value
        if value is None or (isinstance(value, ast.Constant) and value.value is None):
            return
        match target:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                self.named[name] = Built(bare(value), statement)
            case ast.Subscript(value=ast.Name(id="self"), slice=ast.Constant(value=str(name))):
                self.named[name] = Built(bare(value), statement)
            case ast.Subscript(value=ast.Name(id=variable)):
                self._lists.setdefault(variable, []).append(Built(bare(value), statement))
            case ast.Name(id=variable):
                self._lists[variable] = self.items(value)

    def _called(self, call: ast.Call) -> None:
        match call:
            case ast.Call(func=ast.Attribute(attr="append", value=ast.Name(id=variable)), args=[value]):
                self._lists.setdefault(variable, []).append(Built(bare(value), value))
            case ast.Call(func=ast.Attribute(attr="__init__"), args=[ast.Dict(keys=keys, values=values)]):
                names = [key.value for key in keys if isinstance(key, ast.Constant)]
                self.named.update({str(name): Built(bare(value), value) for name, value in zip(names, values)})
            case ast.Call(func=ast.Attribute(attr="__init__")):
                self.sequence = self.items(call)


def bare(value: ast.expr) -> ast.expr:
    """A module's constructor call, without its condition and what is called on it."""
    match value:
        case ast.IfExp(body=body):
            return bare(body)
        case ast.Call(func=ast.Attribute(attr="requires_grad_", value=inner)):
            return bare(inner)
    return value


def simple(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements in order; of a condition, those under which it holds."""
    for statement in statements:
        if isinstance(statement, ast.If):
            yield from simple(statement.body)
        else:
            yield statement


def _repeated(value: ast.expr) -> list[Built]:
    """One entry for each round of a comprehension over `range`."""
    match value:
        case ast.GeneratorExp(elt=made) | ast.DictComp(value=made):
            pass
        case _:
            return []
    match value.generators[0].iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            return [Built(bare(made), made)] * count
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(start)), ast.Constant(value=int(stop))]):
            return [Built(bare(made), made)] * (stop - start)
    return []
