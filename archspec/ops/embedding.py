"""Vectors for the words of a vocabulary."""

from typing import Annotated

from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Positive, whole_numbers
from archspec.ops.shapes import Carried, Shape, folded, form_of, items


@register
class Embedding(Op):
    """A learned vector for each whole number: torch.nn.Embedding.

    Input `[*sizes]` of whole numbers below `num_embeddings`, output `[*sizes, embedding_dim]`. The vector at
    `padding_idx` starts as 0 and does not train. MACs: none, as it looks up. Errors: an input that is not of int64, a
    `padding_idx` that is no row.
    """

    name = "embedding"
    main = "num_embeddings"
    kind = "other"
    takes = "anything"
    example = "{embedding: 10000, embedding_dim: 512}"
    example_inputs = (Carried((20,), dtype="int64"),)

    num_embeddings: Positive
    embedding_dim: Positive
    padding_idx: Annotated[int | None, Expects("a whole number, negative from the end, or null")] = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        whole_numbers(self.name, shape, "its input")
        count = self.num_embeddings
        if self.padding_idx is not None and not -count <= self.padding_idx < count:
            raise OpError(
                "padding-idx",
                f"`padding_idx` (={self.padding_idx}) is none of the {count} embeddings",
                field="padding_idx",
                expected=f"from 0 to {count - 1}, or from -{count} to -1",
                found=str(self.padding_idx),
            )
        vectors = (*shape, self.embedding_dim)
        return (folded(vectors, items(shape)) if form_of(shape) == "folded" else vectors,)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_embeddings, self.embedding_dim)}

    def module(self, *inputs: Shape) -> Module:
        sizes = (
            Argument("num_embeddings", self.num_embeddings, positional=True),
            Argument("embedding_dim", self.embedding_dim, positional=True),
        )
        return Module("nn.Embedding", (*sizes, Argument("padding_idx", self.padding_idx, None)))
