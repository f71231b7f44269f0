"""Vectors for the words of a vocabulary."""

from typing import Annotated, Literal

from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Positive, whole_numbers
from archspec.ops.shapes import FLOAT, Carried, Shape, dtype_of, folded, form_of, items, shape_text
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class Embedding(WholeOp):
    """A learned vector for each whole number: torch.nn.Embedding.

    Input `[*sizes]` of whole numbers below `num_embeddings`, with or without a batch, output `[*sizes, embedding_dim]`.
    The vector at `padding_idx` starts as 0 and does not train. MACs: none, as it looks up. Errors: an input that is not
    of int64, a `padding_idx` that is no row.
    """

    name = "embedding"
    main = "num_embeddings"
    kind = "other"
    unlabelled = ("padding_idx",)
    field_labels = {"embedding_dim": "{}D"}
    example = "{embedding: 10000, embedding_dim: 512}"
    example_inputs = (Carried((20,), dtype="int64"),)

    num_embeddings: Positive
    embedding_dim: Positive
    padding_idx: Annotated[int | None, Expects("a whole number, negative from the end, or null")] = None

    def dtype(self, *inputs: Shape) -> str:
        (shape,) = inputs
        if (dtype_of(shape), form_of(shape)) != ("int64", "whole"):
            whole_numbers(self.name, shape, "its input")
        return FLOAT

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        _check_padding(self.padding_idx, self.num_embeddings)
        return ((*inputs[0], self.embedding_dim),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def module(self, *inputs: Shape) -> Module:
        sizes = (
            Argument("num_embeddings", self.num_embeddings, positional=True),
            Argument("embedding_dim", self.embedding_dim, positional=True),
        )
        return Module("nn.Embedding", (*sizes, Argument("padding_idx", self.padding_idx, None)))


@register
class EmbeddingBag(Op):
    """The mean, sum or maximum of the learned vectors of several whole numbers: torch.nn.EmbeddingBag.

    Input `[T]` of whole numbers below `num_embeddings`, output `[embedding_dim]`. The vector at `padding_idx` counts
    for nothing. MACs: none, as it looks up. Errors: an input that is not of int64 and one dimension.
    """

    name = "embedding_bag"
    main = "num_embeddings"
    kind = "other"
    unlabelled = ("padding_idx",)
    field_labels = {"embedding_dim": "{}D"}
    takes = "anything"
    example = "{embedding_bag: 10000, embedding_dim: 512}"
    example_inputs = (Carried((20,), dtype="int64"),)

    num_embeddings: Positive
    embedding_dim: Positive
    mode: Literal["mean", "sum", "max"] = "mean"
    padding_idx: Annotated[int | None, Expects("a whole number, negative from the end, or null")] = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        whole_numbers(self.name, shape, "its input")
        if len(shape) != 1:
            message = f"`embedding_bag` cannot take an input of shape {shape_text(shape) or '()'}"
            raise OpError("rank", message, expected="the whole numbers of one bag, 1 dimension in all")
        _check_padding(self.padding_idx, self.num_embeddings)
        return ((self.embedding_dim,),) if items(shape) == 1 else (folded((self.embedding_dim,), items(shape)),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def module(self, *inputs: Shape) -> Module:
        sizes = [Argument(name, getattr(self, name), positional=True) for name in ("num_embeddings", "embedding_dim")]
        mode, padding = Argument("mode", self.mode, "mean"), Argument("padding_idx", self.padding_idx, None)
        return Module("nn.EmbeddingBag", (*sizes, mode, padding))


def _check_padding(index: int | None, count: int) -> None:
    if index is not None and not -count <= index < count:
        raise OpError(
            "padding-idx",
            f"`padding_idx` (={index}) is none of the {count} embeddings",
            field="padding_idx",
            expected=f"from 0 to {count - 1}, or from -{count} to -1",
            found=str(index),
        )
