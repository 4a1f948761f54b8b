"""Colours and figure templates of both themes, read once from the style sheet of tokens."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

NAMES: Final = ("light", "dark")
# Nine marks, each of its own shape, and six hues, which is as many as can be told apart.
HUES: Final = {1: "c1", 2: "c2", 3: "c3", 4: "c4", 5: "c5", 6: "c6", 7: "c2", 8: "c4", 9: "c5"}


def hue(mark: int) -> str:
    """Token of the colour of persona mark 1 to 9; anything else is grey."""
    return HUES.get(mark, "ink-3")


_BLOCK: Final = re.compile(r'\[data-bs-theme="(\w+)"\]\s*\{(.*?)\}', re.DOTALL)
_COLOUR: Final = re.compile(r"--([\w-]+):\s*(#[0-9A-Fa-f]{6})\s*;")


@cache
def assets_folder() -> Path:
    """Where the assets lie: inside this package when installed, beside it in a checkout.

    Raises
    ------
    FileNotFoundError : neither exists; the installation is incomplete.
    """
    here = Path(__file__).resolve().parent
    for folder in (here / "assets", here.parent / "assets"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no assets folder in {here} or {here.parent}; reinstall spendboard")


@dataclass(frozen=True)
class Theme:
    """One theme: what a figure needs to look like the page around it.

    Parameters
    ----------
    name : ``light`` or ``dark``.
    template : plotly template, a plain dict.
    colours : token name without dashes (``ink``, ``c1``, ``z-low``) to ``#RRGGBB``.
    """

    name: str
    template: dict[str, Any]
    colours: Mapping[str, str]

    def mark(self, number: int) -> str:
        """Colour of persona mark 1 to 9; anything else is grey."""
        return self.colours[hue(number)]

    def faint(self, token: str, alpha: float) -> str:
        """Colour ``token`` at opacity ``alpha`` in [0, 1], as plotly reads it."""
        code = self.colours[token]
        red, green, blue = (int(code[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},{alpha:g})"


def read_tokens(text: str) -> dict[str, dict[str, str]]:
    """Colours by theme from the text of the tokens' style sheet."""
    themes: dict[str, dict[str, str]] = {}
    for name, block in _BLOCK.findall(text):
        themes.setdefault(name, {}).update(_COLOUR.findall(block))
    return themes


@cache
def theme(name: str | None) -> Theme:
    """The theme called ``name``; the light one for anything unknown."""
    chosen = name if name in NAMES else "light"
    folder = assets_folder()
    templates = json.loads((folder / "plotly_template.json").read_text(encoding="utf-8"))
    colours = read_tokens((folder / "30-tokens.css").read_text(encoding="utf-8"))
    return Theme(chosen, templates[chosen], colours[chosen])
