"""What a network is called above its picture: the title of its page, and what tells its variant.

>>> display_title('ResNet', 'resnet50', 'resnet'), display_title('ViT', 'vit_b_16', 'vit')
('ResNet-50', 'ViT-B/16')
>>> display_title('MobileNetV3', 'mobilenet_v3_large', 'mobilenet_v3'), display_title('VGG', 'vgg16_bn', 'vgg')
('MobileNetV3-Large', 'VGG-16-BN')

A name that does not begin as the title or the page does is told beside the title:

>>> display_title('ResNet', 'wide_resnet50_2', 'resnet') is None
True
"""

from __future__ import annotations

import re
from itertools import pairwise

WORDS = frozenset({"tiny", "small", "medium", "base", "large", "huge", "big", "nano", "pico", "femto", "atto"})


def display_title(title: str, name: str, document: str) -> str | None:
    """A title with what follows in a variant's name, or `None` where the name is not of that form."""
    rest = _after(name, title) or _after(name, document)
    if not rest:
        return None
    if re.fullmatch("[a-z]", rest) and title[-1].isdigit() and not name.endswith(f"_{rest}"):
        return title + rest
    marks = re.sub(r"(?<=\d)_(?=\d(_|$))", ".", rest).split("_")
    if not all(re.fullmatch(r"[a-z]{0,2}\d*(\.\d+)?|\d+[bm]|x\d\.\d", mark) or mark in WORDS for mark in marks):
        return None
    if any(one[0].isdigit() and other[0].isdigit() for one, other in pairwise(marks)):
        return None
    said = "-".join(map(_said, marks))
    patches = re.sub(r"^([A-Z]{1,2})-(\d+)\b", r"\1/\2", said)  # of a transformer: B/16
    return f"{title}{' ' if ' ' in title or re.search(r'-[0-9]+$', title) else '-'}{patches}"


def _said(mark: str) -> str:
    if mark in WORDS:
        return mark.capitalize()
    return f"×{mark[1:]}" if mark[0] == "x" and "." in mark else mark.upper()


def _after(name: str, start: str) -> str | None:
    """What is left of a name that begins as another, however the two are written."""
    wanted = re.sub(r"[^a-z0-9]", "", start.lower())
    at = 0
    for number, letter in enumerate(name):
        if at == len(wanted):
            return name[number:].removeprefix("_")
        if letter == "_":
            continue
        if letter != wanted[at]:
            return None
        at += 1
    return None
