from __future__ import annotations

import ast
import re
import string
import unicodedata
from pathlib import Path

import pytest

import console
from city.language import Language
from console.texts import texts

ROOM = Path(console.__file__).parent
SOURCES = {path: path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py")}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    vi, en = texts(Language.VI), texts(Language.EN)
    assert vi.keys() == en.keys()
    assert {key: places(text) for key, text in vi.items()} == {key: places(text) for key, text in en.items()}


@pytest.mark.parametrize("language", Language)
def test_texts_are_whole(language: Language) -> None:
    for key, text in texts(language).items():
        assert text.strip() == text != "", key
        assert unicodedata.is_normalized("NFC", text), key


def test_every_text_that_code_asks_for_is_there() -> None:
    known = texts(Language.VI).keys()
    for path, source in SOURCES.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
                for argument in node.args[:2]:
                    for text in (one for one in ast.walk(argument) if isinstance(one, ast.Constant)):
                        key = str(text.value)
                        if re.fullmatch(r"[a-z]+\.[a-z_0-9]+", key):
                            assert any(one == key or (key[-1] == "_" and one.startswith(key)) for one in known), (
                                f"{path.name}:{node.lineno}: {key}"
                            )


OWN_MARKDOWN = "bodies.py"
"""The runbooks of the boards that this project is shipped with: nobody else writes them."""


def test_no_page_takes_html_from_anybody() -> None:
    for path, source in SOURCES.items():
        if path.name == OWN_MARKDOWN:
            source = source.replace("ui.markdown(", "", 1)  # noqa: PLW2901 - less the one that may be
        assert not re.search(r"\bui\.(html|markdown|run_javascript)\b|\badd_body_html\((?!')", source), path
    for path in ROOM.rglob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|v-html|template\s*:|\beval\b", source), path


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in (*ROOM.rglob("*.js"), *ROOM.rglob("*.css")):
        assert not re.search(r"https?://|@import|url\(\s*['\"]?//", path.read_text(encoding="utf-8")), path
