"""Characters that graphviz-pure cannot measure, and ASCII ones of like width that stand for them while it lays out.

Its metrics are ASCII only: of any other character it counts each byte as a space and warns. So the text that it gets
has ASCII stand-ins that occur nowhere else in it, and its SVG gets the characters back. In Helvetica `~` is as wide as
`×` to the unit (584 of 1000).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_PREFERRED = {"×": "~", "·": "`", "−": "^", "…": "@"}
_POOL = "~^@$`*|"
"""Characters that neither DOT nor SVG needs, and that the words of a picture hardly ever use."""


@dataclass(frozen=True, slots=True)
class StandIns:
    """One-to-one: each character and what stands for it in one text."""

    of_character: Mapping[str, str]

    @classmethod
    def of(cls, text: str) -> StandIns:
        """Stand-ins for the characters of a text; where the pool runs out, the rest stay as they are.

        >>> StandIns.of("7×7 conv").put("7×7 conv")
        '7~7 conv'
        """
        free = [each for each in _POOL if each not in text]
        chosen: dict[str, str] = {}
        for character in sorted(
            {each for each in text if not each.isascii()}, key=lambda each: (each not in _PREFERRED, each)
        ):
            if not free:
                break
            wanted = _PREFERRED.get(character, free[0])
            chosen[character] = wanted if wanted in free else free[0]
            free.remove(chosen[character])
        return cls(chosen)

    def put(self, text: str) -> str:
        """The text with the stand-ins."""
        return text.translate({ord(each): stand_in for each, stand_in in self.of_character.items()})

    def take_out(self, text: str) -> str:
        """The text with the characters themselves."""
        return text.translate({ord(stand_in): each for each, stand_in in self.of_character.items()})
