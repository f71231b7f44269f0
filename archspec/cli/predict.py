"""`archspec predict`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archspec.cli import arguments, console
from archspec.cli.pictures import write_picture

if TYPE_CHECKING:
    from archspec.language.diagnostics import Diagnostic
    from archspec.training.use.predict import Predicted
    from archspec.training.use.reopen import Reopened


def predict(
    run: arguments.RunFolder,
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGE",
            help="Images, or clips (videos, folders of frames); or folders of these.",
            show_default=False,
        ),
    ],
    top: Annotated[int, typer.Option("--top", metavar="K", min=1, help="How many classes of each.")] = 1,
    score: Annotated[
        float, typer.Option("--score", metavar="P", min=0, max=1, help="The least score of an object.")
    ] = 0.5,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="DIR", help="Where boxes are drawn.", show_default="RUN/predictions"),
    ] = None,
    accelerator: arguments.Accelerator = None,
    precision: arguments.Precision = None,
    force: arguments.Force = False,
    as_json: arguments.Json = False,
) -> None:
    """Let a trained network say what is in images or clips: the class and its probability.

    A detector's boxes are drawn on copies of the images. What cannot be read is told, and the rest is predicted.

    [bold]Examples[/bold]

    archspec predict runs/lenet_mnist digit.png

    archspec predict runs/resnet_two_class holiday/*.jpg --top 2 --json

    archspec predict runs/cnn_lstm_clips wave.mp4 frames/7
    """
    from archspec.training.requirements import require_extra

    require_extra()
    with console.progress() as doing:
        doing("importing torch and Lightning")
        from archspec.language.diagnostics import Diagnostic
        from archspec.training.use.predict import inputs_at, is_detector, takes_clips
        from archspec.training.use.predict import predict as predictions
        from archspec.training.use.reopen import reopen

        doing("opening the run")
        reopened = reopen(run)
        files = inputs_at(reopened, images)
        doing("predicting")
        machine = {"accelerator": accelerator, "precision": precision}
        given = {name: value for name, value in machine.items() if value is not None}
        results = list(predictions(reopened, files, given, top=top, threshold=score))
        drawings = _draw(reopened, results, out, force) if is_detector(reopened) else {}
    faults = [each for each in results if isinstance(each, Diagnostic)]
    done = [each for each in results if not isinstance(each, Diagnostic)]
    if as_json:
        from archspec.cli.json_output import diagnostic_data

        what = "clip" if takes_clips(reopened) else "image"
        told = [{what: str(each.path), **_data(each, drawings.get(each.path))} for each in done]
        console.say_json({"predictions": told, "diagnostics": [diagnostic_data(fault) for fault in faults]})
    else:
        _show(done, drawings)
        console.report(faults)
    if faults:
        raise typer.Exit(1)


def _show(done: list[Predicted], drawings: dict[Path, Path]) -> None:
    """A line for each image or clip."""
    images = max((len(console.name(each.path)) for each in done), default=0)
    names = max((len(console.name(guess.name)) for each in done for guess in each.guesses), default=0)
    for each in done:
        words = "  ".join(_words(each, names, drawings.get(each.path)))
        console.say(f"{console.name(each.path):<{images}}  {words}")


def _words(predicted: Predicted, width: int, drawing: Path | None) -> Iterator[str]:
    yield from (f"{console.name(guess.name):<{width}} {guess.probability:>6.1%}" for guess in predicted.guesses)
    if drawing is not None:
        counts = Counter(found.name for found in predicted.objects)
        told = ", ".join(f"{count} {console.name(name)}" for name, count in counts.items()) or "nothing"
        yield f"{told}: {console.name(drawing)}"


def _data(predicted: Predicted, drawing: Path | None) -> dict[str, Any]:
    if drawing is None:
        guesses = [{"class": guess.name, "probability": guess.probability} for guess in predicted.guesses]
        return {"classes": guesses}
    objects = [{"class": each.name, "score": each.score, "box": list(each.box)} for each in predicted.objects]
    return {"objects": objects, "drawn": str(drawing)}


def _draw(reopened: Reopened, results: list[Predicted | Diagnostic], out: Path | None, force: bool) -> dict[Path, Path]:
    """Draw what was found; gives each image's drawing."""
    from archspec.language.diagnostics import Diagnostic
    from archspec.training.use.draw_boxes import drawn

    folder = out or reopened.run.folder / "predictions"
    drawings: dict[Path, Path] = {}
    for each in results:
        if isinstance(each, Diagnostic) or each.path in drawings:
            continue
        path, number = folder / f"{each.path.stem}.png", 1
        while path in drawings.values():
            number += 1
            path = folder / f"{each.path.stem}-{number}.png"
        write_picture(path, drawn(each), "png", force)
        drawings[each.path] = path
    return drawings
