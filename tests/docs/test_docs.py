"""Every spec in the documentation reads, elaborates without a warning, and agrees with its figures.

Every console block and Python session there runs as shown. `python tests/test_docs.py` writes the outputs anew.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

import archspec
from archspec.language.source import Source
from archspec.search.study.page import parse_study
from archspec.training.recipe.recipe import parse_recipe
from archspec.training.run.network import check_against, open_architecture
from tests.docs.test_readme import FENCE, ROOT, blocks, transcript

DOCS = Path(__file__).parents[2] / "docs"
SPECS = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```yaml\n(archspec: 1\n.*?)```", page.read_text(), re.DOTALL))
]
RECIPES = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```yaml\n(recipe: 1\n.*?)```", page.read_text(), re.DOTALL))
]
STUDIES = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, block in enumerate(re.findall(r"```yaml\n(study: 1\n.*?)```", page.read_text(), re.DOTALL))
]
PAGES = [pytest.param(page, id=page.stem) for page in sorted(DOCS.glob("*.md"))]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_in_the_docs_is_right(text: str, tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(text)
    architecture = archspec.read(path)
    assert [str(warning) for warning in architecture.warnings] == []
    assert [verdict for verdict in architecture.figures if not verdict.fine] == []


@pytest.mark.parametrize("text", RECIPES)
def test_a_recipe_in_the_docs_is_right(text: str) -> None:
    recipe = parse_recipe(Source("recipe.yaml", text))
    assert [str(warning) for warning in check_against(recipe, open_architecture(recipe))] == []


@pytest.mark.parametrize("text", STUDIES)
def test_a_study_in_the_docs_is_right(text: str) -> None:
    assert parse_study(Source("study.yaml", text)).choices


@pytest.mark.parametrize("page", PAGES)
def test_the_console_of_a_page_shows_what_is_shown(page: Path) -> None:
    for language, content in blocks(page.read_text("utf-8")):
        if language == "console":
            assert transcript(content, ROOT) == content


@pytest.mark.parametrize("page", PAGES)
def test_the_python_sessions_of_a_page_run(page: Path) -> None:
    session = "\n".join(content for language, content in blocks(page.read_text("utf-8")) if language == "python")
    test = doctest.DocTestParser().get_doctest(session, {}, page.name, page.name, 0)
    report: list[str] = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert not report, "".join(report)


def rewritten(text: str) -> str:
    """The text with every output as it is now."""
    return FENCE.sub(
        lambda match: f"```console\n{transcript(match[2], ROOT)}```" if match[1] == "console" else match[0], text
    )


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        page.write_text(rewritten(page.read_text("utf-8")), "utf-8")
