"""What is suggested for the words of other libraries: the same thing under its name here, and never another one."""

from __future__ import annotations

import inspect
import re

import pytest
import torch.nn.functional as functional
from torch import nn

from archspec.api.catalogue import entries
from archspec.elaborate.symbol_table import op_signature, standard_names
from archspec.language.hints import LIST, meant, unknown_op_help
from archspec.language.nodes import MODIFIERS
from archspec.language.synonyms import FIELDS, OPS, normal
from archspec.ops import ops

KNOWN = (*ops(), *standard_names())
COMING = {"maximum", "minimum"}
"""Answers for words that the vocabulary has no op for yet."""
KERAS = """
Dense Activation Embedding Masking Lambda Conv1D Conv2D Conv3D SeparableConv2D DepthwiseConv2D Conv2DTranspose
MaxPooling2D AveragePooling2D GlobalMaxPooling2D GlobalAveragePooling2D LSTM GRU SimpleRNN TimeDistributed
Bidirectional ConvLSTM2D BatchNormalization LayerNormalization UnitNormalization GroupNormalization RMSNormalization
Dropout SpatialDropout2D GaussianDropout GaussianNoise AlphaDropout MultiHeadAttention Attention AdditiveAttention
Reshape Flatten RepeatVector Permute Cropping2D UpSampling2D ZeroPadding2D Concatenate Average Maximum Minimum Add
Subtract Multiply Dot ReLU Softmax LeakyReLU PReLU ELU Rescaling Resizing
""".split()  # noqa: SIM905 - a line for each otherwise
CAFFE = """
Convolution Deconvolution Pooling SPP Crop InnerProduct Dropout LRN MVN BatchNorm ReLU PReLU ELU Sigmoid TanH AbsVal
Power Exp Log BNLL Threshold Bias Scale Flatten Reshape Split Concat Slice Eltwise Filter Reduction Silence ArgMax
Softmax Tile
""".split()  # noqa: SIM905 - a line for each otherwise
TIMM = """
DropPath ConvNormAct SelectAdaptivePool2d PatchEmbed Mlp GluMlp SwiGLU LayerScale EcaModule SEModule CbamModule
ScaledStdConv2d BlurPool2d TestTimePoolHead ClassifierHead NormMlpClassifierHead AttentionPool2d RelPosBias
GlobalResponseNorm Swish Mish
""".split()  # noqa: SIM905 - a line for each otherwise
JAX = """
Dense DenseGeneral Conv ConvTranspose ConvLocal Embed BatchNorm LayerNorm GroupNorm RMSNorm max_pool avg_pool swish
silu gelu selu standardize one_hot dot_product_attention SelfAttention OptimizedLSTMCell expand_dims
""".split()  # noqa: SIM905 - a line for each otherwise
TORCH = [
    name
    for module in (nn, functional)
    for name, value in vars(module).items()
    if not name.startswith("_") and (inspect.isfunction(value) or inspect.isbuiltin(value) or inspect.isclass(value))
]


def suggested(word: str) -> list[str]:
    """The ops that the help for a word names."""
    text = unknown_op_help(word, KNOWN)
    return [] if text == LIST else re.findall(r"`{?(\w+)", text)


@pytest.mark.parametrize("library", [KERAS, CAFFE, TIMM, JAX, TORCH], ids=["Keras", "Caffe", "timm", "JAX", "torch"])
def test_a_word_of_another_library_gets_its_own_name_or_none(library: list[str]) -> None:
    unknown = [word for word in library if word not in KNOWN]
    guessed = {
        word: found
        for word in unknown
        if (found := suggested(word)) and normal(word) not in OPS and normal(found[0]) != normal(word)
    }
    assert guessed == {}


def test_the_table_names_what_there_is() -> None:
    heads = {re.match(r"{?(\w+)", answer)[1] for answers in OPS.values() for answer in answers}  # type: ignore[index]
    assert heads <= {*KNOWN, *COMING}
    fields = {field for op in ops().values() for field in op.model_fields} | MODIFIERS
    fields |= {field.name for each in entries() if each.sort == "block" for field in each.fields}
    assert {answer for answers in FIELDS.values() for answer in answers} <= fields


def test_every_word_is_one_that_is_looked_up() -> None:
    assert [word for table in (OPS, FIELDS) for word in table if normal(word) != word] == []


@pytest.mark.parametrize(
    ("op", "word", "field"),
    [
        ("conv", "kernel", "kernel_size"),
        ("conv", "filters", "out_channels"),
        ("conv", "strides", "stride"),
        ("conv", "dilation_rate", "dilation"),
        ("conv", "use_bias", "bias"),
        ("conv", "kernal_size", "kernel_size"),
        ("linear", "units", "out_features"),
        ("dropout", "rate", "p"),
        ("batch_norm", "epsilon", "eps"),
        ("concat", "axis", "dim"),
        ("group_norm", "groups", "num_groups"),
        ("leaky_relu", "alpha", "negative_slope"),
        ("relu", "input", "from"),
        ("relu", "times", "repeat"),
        ("conv", "colour", None),
    ],
)
def test_a_field_of_another_library(op: str, word: str, field: str | None) -> None:
    assert meant(word, [*op_signature(ops()[op]).ordered, *MODIFIERS]) == field
