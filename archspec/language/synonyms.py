"""What users of Keras, Caffe, torch, timm and JAX call things, and how a spec says the same.

A word is looked up without its case, its underscores and its rank. It stands for those of its answers that are known
where it is used: names, or calls in braces. A word without answers has no counterpart, and nothing that only looks like
it is suggested.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache


def _table(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of words, a `→`, and the answers between `|`."""
    rows = (line.split("→") for line in text.strip().splitlines())
    return {
        word: tuple(answer.strip() for answer in answers.split("|") if answer.strip())
        for words, answers in rows
        for word in words.split()
    }


OPS: Mapping[str, tuple[str, ...]] = _table(
    """
    dense fc fullyconnected innerproduct denselinear densegeneral linearlayer lazylinear → linear
    convolution spatialconvolution lazyconv → conv
    conv1x1 pointwiseconv pointwise → {conv: 64, kernel_size: 1}
    conv3x3 → {conv: 64, kernel_size: 3, padding: 1}
    depthwise depthwiseconv dwconv convdepthwise → {conv: input.channels, kernel_size: 3, groups: input.channels}
    groupconv groupedconv → {conv: 64, kernel_size: 3, groups: 2}
    dilatedconv atrousconv → {conv: 64, kernel_size: 3, dilation: 2}
    separableconv sepconv depthwiseseparableconv → depthwise_separable
    deconv deconvolution transposedconv transposeconv convtransposed upconv fractionalconv → conv_transpose
    bn batchnormalization batchnormalisation spatialbatchnorm syncbn syncbatchnorm batchnormact → batch_norm
    ln layernormalization layernormalisation → layer_norm
    gn groupnormalization groupnormalisation → group_norm
    instancenormalization instancenormalisation → instance_norm
    rmsnormalization rmsnormalisation → rms_norm
    lrn localresponsenormalization localresponsenormalisation crossmaplrn → local_response_norm
    frozenbn → frozen_batch_norm
    swish sigmoidlinearunit → silu
    hswish hardsilu → hardswish
    hsigmoid → hardsigmoid
    lrelu leakyrectify → leaky_relu
    parametricrelu → prelu
    logistic sigm → sigmoid
    logsoftmaxlayer → log_softmax
    rectify rectifier rectifiedlinear relulayer → relu
    geluapproximate → gelu
    softmaxlayer → softmax
    maxpooling maxpoollayer → max_pool
    avgpooling averagepool averagepooling meanpool meanpooling → avg_pool
    pool pooling poolinglayer → {max_pool: 2} | {avg_pool: 2}
    gap globalavgpool globalaveragepool globalavgpooling globalaveragepooling → {adaptive_avg_pool: 1}
    gmp globalmaxpool globalmaxpooling → {adaptive_max_pool: 1}
    adaptiveaveragepool adaptiveaveragepooling adaptiveavgpooling → adaptive_avg_pool
    adaptivemaxpooling → adaptive_max_pool
    sum addn plus addition elementwiseadd eltwise residual → add
    subtract minus subtraction → sub
    multiply times product elementwisemul hadamard → mul
    dot bmm mm matrixmultiply dotproduct → matmul
    concatenate cat concatenation depthconcat filterconcat route → concat
    view reshapelayer → reshape
    resize interpolate upsampling upsamplebilinear upsamplenearest upsamplingbilinear upsamplingnearest → upsample
    zeropad zeropadding padding constantpad → pad
    reflectionpad → {pad: 1, mode: reflect}
    replicationpad → {pad: 1, mode: replicate}
    droppath stochdepth → stochastic_depth
    spatialdropout channeldropout featuredropout → dropout2d
    depthtospace subpixel → pixel_shuffle
    spacetodepth → pixel_unshuffle
    shufflechannel shufflechannels → channel_shuffle
    swapaxes swapdims → transpose
    expanddims → unsqueeze
    embed embeddings lookuptable → embedding
    simplernn elman → rnn
    bilstm → {lstm: 64, bidirectional: true}
    bigru → {gru: 64, bidirectional: true}
    noop none null passthrough nothing → identity
    reducemean → mean
    flattenlayer ravel → flatten
    se selayer seblock semodule squeezeexcitation squeezeandexcitation → squeeze_excite
    eca ecalayer ecamodule efficientchannelattn → efficient_channel_attention
    resblock residualblock resnetblock → basic_block | bottleneck
    bottleneckblock → bottleneck
    mbconvblock → mbconv
    invertedbottleneck → inverted_residual
    fpn → feature_pyramid
    rpn → region_proposal_network
    convbnrelu convbnact cbr convnormactivation → conv_norm_act
    broadcast broadcastto repeatvector → expand
    narrow → slice
    take index → gather | index_select
    power → pow
    negative → neg
    clip → clamp
    divide → div
    l2norm unitnorm → normalize
    norm → vector_norm
    reducesum → sum
    reducemax → amax
    cast astype type → to
    selfattention mha multiheadselfattention → multihead_attention
    sdpa dotproductattention → attention
    transformerencoderlayer transformerencoder → encoder_layer
    transformerdecoderlayer transformerdecoder → decoder_layer
    rope rotaryembedding → rotary
    sinusoidalembedding timestepembedding → sinusoid
    im2col → unfold
    col2im → fold
    maxpool1dwithindices maxpool2dwithindices maxpool3dwithindices → max_pool_with_indices
    maxout crop cropping sort spp mvn →
    weightnorm spectralnorm dropblock gaussiandropout gaussiannoise →
    transformer convlstm globalresponsenorm lambda custom functional →
    """
)
"""Ops and blocks."""

FIELDS: Mapping[str, tuple[str, ...]] = _table(
    """
    kernel ksize kernelshape filtersize windowsize window poolsize k size kernelsizes → kernel_size | output_size
    filters numfilters nfilters outchannels channels planes numoutput out → out_channels | out_features | hidden_size
    units features outfeatures width → out_features | out_channels | hidden_size
    hidden hiddensize hiddendim hiddenunits numhidden → hidden_size
    dimfeedforward feedforward ffndim dff intermediatesize mlpdim hiddenfeatures → hidden
    strides subsample subsampling s → stride
    pad pads paddings → padding
    dilations dilationrate atrousrate holes → dilation
    rate → dilation | p
    group groups ngroups cardinality → groups | num_groups
    usebias hasbias biasterm withbias nobias → bias
    epsilon → eps
    axis dimension → dim
    axes dims → dim
    drop dropprob droprate dropout dropoutrate prob probability → p | dropout
    alpha slope leak leakiness → negative_slope
    scale factor upscale upscalefactor ratio → scale_factor
    interpolation method → mode
    align → align_corners
    layers nlayers → num_layers
    bidir → bidirectional
    embeddim embeddingsize outputdim → embedding_dim
    shape targetshape outputshape → sizes
    repeats times copies count n num number → repeat
    input inputs bottom bottoms source src takes → from
    if condition enabled → when
    trainable requiresgrad frozen → freeze
    """
)
"""Fields and modifiers."""

WORDS: Mapping[str, str] = {
    "batchfirst": "sequences always come batch first: leave it out",
    "dataformat": "channels always come first: leave it out",
    "inputshape": "the input's shape is written under the spec's `input`: leave it out",
    "name": "a node's name is written before it, `conv1: {conv: 64, …}`: leave it out",
    **dict.fromkeys(
        ("init", "initializer", "kernelinitializer", "weightinit", "biasinitializer", "weightfiller"),
        "how weights are initialised is written under the spec's `init`",
    ),
    **dict.fromkeys(
        ("weights", "kernelregularizer", "weightdecay", "lr", "loss"), "what training needs is written in a recipe"
    ),
}
"""Fields that have no place in a call, and what to do instead."""


@lru_cache(maxsize=4096)
def normal(word: str) -> str:
    """A word without its module, case, underscores and rank.

    >>> normal("nn.BatchNorm2d"), normal("drop_path"), normal("Conv2DTranspose")
    ('batchnorm', 'droppath', 'convtranspose')
    """
    return re.sub("[123]d(?=transpose$|$)", "", plain_word(word))


def plain_word(word: str) -> str:
    """A word without its module, case and underscores."""
    return re.sub("[^a-z0-9]", "", word.rpartition(".")[2].lower())


def said_as(word: str, table: Mapping[str, tuple[str, ...]], known: Collection[str]) -> list[str] | None:
    """How a spec writes another framework's term, if the result is `known`; `None` for a term not in the table.

    >>> said_as("FC", OPS, ["linear"]), said_as("swish", OPS, ["linear"]), said_as("lineer", OPS, ["linear"])
    (['linear'], [], None)
    """
    answers = table.get(normal(word))
    return None if answers is None else [answer for answer in answers if _head(answer) in known]


def _head(answer: str) -> str:
    """The op or field that an answer is about."""
    return answer.strip("{").partition(":")[0]
