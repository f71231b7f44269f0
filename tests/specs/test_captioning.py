"""Captions: the image is the decoder's first step, and a small one learns to name digits."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import archspec

from .learning import Batch, images, learn

START, A, END, FIRST = 0, 1, 2, 3
"""The words `<start>`, `a`, `<end>`, and the first of the ten digits' names."""
SMALL = {
    "resolution": 32,
    "backbone": "lenet",
    "features": ["act6"],
    "embedding_dim": 64,
    "hidden_size": 64,
    "dropout": 0.0,
    "vocabulary": FIRST + 10,
}


def sentences(labels: Tensor) -> Tensor:
    """`<start> a seven <end>` for each label."""
    same = [torch.full_like(labels, word) for word in (START, A, END)]
    return torch.stack([same[0], same[1], FIRST + labels, same[2]], dim=1)


def small() -> nn.Module:
    torch.manual_seed(0)
    return archspec.load("captioning", **SMALL)


def test_the_image_is_the_first_step() -> None:
    """As in the paper's equations 10 to 12: the image goes in once, before the first word."""
    module = small().eval()
    image, tokens = torch.rand(2, 3, 32, 32), torch.randint(13, (2, 5))
    with torch.no_grad():
        steps = torch.cat([module.encoder(image), module.embedding(tokens)], dim=1)
        expected = module.fc(module.lstm(steps)[0][:, 1:])
        torch.testing.assert_close(module(image, tokens), expected)


def test_a_word_depends_on_the_words_before_it_and_on_the_image_only() -> None:
    module = small().eval()
    image, tokens = torch.rand(1, 3, 32, 32), torch.tensor([[START, A, 5, END]])
    other = tokens.clone()
    other[0, 2] = 6
    with torch.no_grad():
        given, changed = module(image, tokens), module(image, other)
        assert torch.equal(given[:, :2], changed[:, :2])
        assert not torch.equal(given[:, 2:], changed[:, 2:])
        assert not torch.allclose(given, module(torch.rand(1, 3, 32, 32), tokens))


def test_the_backbone_is_frozen_as_in_the_paper() -> None:
    network = archspec.read("captioning")
    assert network.graph.nodes["encoder.backbone"].counts.frozen == 5_599_904
    assert network.graph.counts.frozen == 5_599_904
    assert archspec.read("captioning", frozen=False).graph.counts.frozen == 0


def test_it_learns_to_name_digits_from_what_a_classifier_sees() -> None:
    """The backbone first learns to classify, as the paper's has, and is frozen then."""
    module = small()
    backbone = module.encoder.backbone
    batch, (x, labels) = coloured(*images(60, padding=2)), coloured(*images(10, skip=400, padding=2))
    classifier = nn.Sequential(backbone, nn.Linear(84, 10)).requires_grad_()
    learn(classifier, batch, lambda x, y: nn.functional.cross_entropy(classifier(x), y), steps=72, size=50, lr=4e-3)
    learned = {name: tensor.clone() for name, tensor in backbone.requires_grad_(False).state_dict().items()}

    losses = learn(module, batch, lambda x, y: loss(module, x, y), steps=150, size=50, lr=5e-3)
    assert sum(losses[-5:]) < 0.2 * sum(losses[:5])
    assert all(torch.equal(tensor, learned[name]) for name, tensor in backbone.state_dict().items())
    said = greedy(module, x, steps=3)
    assert (said[:, 1] == A).all() and (said[:, 3] == END).all()
    assert (said[:, 2] == FIRST + labels).float().mean() > 0.6


def coloured(x: Tensor, labels: Tensor) -> Batch:
    """Grey images as ones of three channels."""
    return x.expand(-1, 3, -1, -1), labels


def loss(module: nn.Module, image: Tensor, labels: Tensor) -> Tensor:
    """The cross entropy of each next word."""
    words = sentences(labels)
    return nn.functional.cross_entropy(module(image, words[:, :-1]).transpose(1, 2), words[:, 1:])


@torch.no_grad()
def greedy(module: nn.Module, image: Tensor, steps: int) -> Tensor:
    """The sentence of which each word is the likeliest after those before it."""
    module.eval()
    words = torch.full((len(image), 1), START)
    for _ in range(steps):
        words = torch.cat([words, module(image, words)[:, -1:].argmax(2)], dim=1)
    return words
