"""Write the index of what a recipe may call: `python -m archspec.training.recipe.write_index`."""

from __future__ import annotations

from archspec.files.atomic import write_whole
from archspec.training.data.transforms import TRANSFORMS
from archspec.training.losses import LOSSES
from archspec.training.recipe.signature_index import SHIPPED, text
from archspec.training.recipe.vocabulary import CALLBACKS, OPTIMIZERS, SCHEDULES, TRAINER

KINDS = (OPTIMIZERS, SCHEDULES, LOSSES, TRANSFORMS, CALLBACKS, TRAINER)

if __name__ == "__main__":
    write_whole(SHIPPED, text({kind.name: kind.words() for kind in KINDS}))
