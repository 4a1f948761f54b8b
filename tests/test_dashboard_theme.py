"""Colours: the template repeats the tokens, text can be read, series can be told apart."""

import itertools
import re

import numpy as np
import pytest

from dashboard.theme import NAMES, assets_folder, read_tokens, theme

SERIES = [f"c{n}" for n in range(1, 7)]
SURFACES = ["bg", "surface", "sunken", "hover", "accent-soft"]
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
SIMULATIONS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
               [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
               [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
               [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(code):
    """A colour code as linear RGB in [0, 1]."""
    srgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2 contrast ratio of two colour codes."""
    light = sorted(linear(code) @ [0.2126, 0.7152, 0.0722] for code in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def lab(rgb):
    """CIE L*a*b* of linear RGB under D65."""
    matrix = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
              [0.0193339, 0.1191920, 0.9503041]]  # fmt: skip
    xyz = np.array(matrix) @ rgb / [0.95047, 1.0, 1.08883]
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(first, second):
    """Perceived difference of two L*a*b* colours (Sharma, Wu and Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    mean_c7 = ((np.hypot(a1, b1) + np.hypot(a2, b2)) / 2) ** 7
    g = 0.5 * (1 - np.sqrt(mean_c7 / (mean_c7 + 25**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    dh = h2 - h1
    dh = dh - 360 if dh > 180 else dh + 360 if dh < -180 else dh
    big_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(dh / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = (h1 + h2) / 2 + (180 if abs(h1 - h2) > 180 else 0)
    t = (
        1 - 0.17 * np.cos(np.radians(mean_h - 30)) + 0.24 * np.cos(np.radians(2 * mean_h))
        + 0.32 * np.cos(np.radians(3 * mean_h + 6)) - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    )  # fmt: skip
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    r_c = 2 * np.sqrt(mean_c**7 / (mean_c**7 + 25**7))
    r_t = -np.sin(np.radians(60 * np.exp(-(((mean_h % 360 - 275) / 25) ** 2)))) * r_c
    parts = (l2 - l1) / s_l, (c2 - c1) / s_c, big_h / s_h
    return float(np.sqrt(sum(p * p for p in parts) + r_t * parts[1] * parts[2]))


def test_the_difference_agrees_with_published_pairs():
    """From the test data of Sharma, Wu and Dalal (2005)."""
    assert ciede2000((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-3)
    assert ciede2000((50, 2.5, 0), (73, 25, -18)) == pytest.approx(27.1492, abs=1e-3)
    assert ciede2000((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514)) == pytest.approx(
        0.9082, abs=1e-3
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_figure_template_repeats_the_tokens(name):
    look = theme(name)
    layout, colours = look.template["layout"], look.colours
    assert layout["colorway"] == [colours[code] for code in SERIES]
    assert layout["font"]["color"] == colours["ink-2"]
    assert layout["hoverlabel"] == layout["hoverlabel"] | {
        "bgcolor": colours["surface"], "bordercolor": colours["line-strong"]
    }  # fmt: skip
    assert layout["hoverlabel"]["font"]["color"] == colours["ink"]
    for axis in ("xaxis", "yaxis"):
        assert layout[axis]["gridcolor"] == colours["line"]
        assert layout[axis]["linecolor"] == colours["line-strong"]
        assert layout[axis]["tickfont"]["color"] == colours["ink-3"]
    diverging = [code for _, code in layout["colorscale"]["diverging"]]
    assert diverging == [colours["z-low"], colours["z-mid"], colours["z-high"]]
    assert layout["colorscale"]["sequential"][1][1] == colours["c1"]


@pytest.mark.parametrize("name", NAMES)
def test_text_can_be_read_on_every_surface(name):
    colours = theme(name).colours
    least = 4.6 if name == "light" else 5.2
    for ink, surface in itertools.product(("ink", "ink-2", "ink-3"), SURFACES):
        if (ink, surface) == ("ink-3", "accent-soft"):
            continue  # notes never stand on the accent's fill
        assert contrast(colours[ink], colours[surface]) >= least, (ink, surface)
    for tone in ("good", "warn", "bad"):
        assert contrast(colours[tone], colours[f"{tone}-soft"]) >= least, tone
        assert contrast(colours[tone], colours["surface"]) >= least, tone
    assert contrast(colours["on-accent"], colours["accent"]) >= 4.5
    for cell in ("z-low", "z-mid", "z-high"):
        assert contrast(colours["ink"], colours[cell]) >= 4.5, cell


@pytest.mark.parametrize("name", NAMES)
def test_edges_and_series_stand_out_from_the_page(name):
    colours = theme(name).colours
    least = 3.1 if name == "light" else 4.5
    for code, surface in itertools.product(SERIES, ("bg", "surface")):
        assert contrast(colours[code], colours[surface]) >= least, (code, surface)
    assert contrast(colours["line-control"], colours["surface"]) >= 3.0


@pytest.mark.parametrize(("name", "normal", "simulated"), [("light", 22, 16), ("dark", 24, 14)])
def test_any_two_personas_can_be_told_apart_by_colour_too(name, normal, simulated):
    rgb = [linear(theme(name).colours[code]) for code in SERIES]
    pairs = list(itertools.combinations(rgb, 2))
    assert round(min(ciede2000(lab(a), lab(b)) for a, b in pairs)) >= normal
    for kind, matrix in SIMULATIONS.items():
        seen = [np.clip(np.array(matrix) @ colour, 0, 1) for colour in rgb]
        worst = min(ciede2000(lab(a), lab(b)) for a, b in itertools.combinations(seen, 2))
        assert round(worst) >= simulated, (kind, worst)


def test_both_themes_name_the_same_tokens():
    tokens = read_tokens((assets_folder() / "30-tokens.css").read_text(encoding="utf-8"))
    assert tokens["light"].keys() == tokens["dark"].keys()
    assert theme("unheard-of") is not None
    assert theme(None).name == "light"


def test_no_other_style_sheet_of_ours_holds_a_literal_colour():
    for sheet in assets_folder().glob("[456789]*.css"):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(", text), sheet.name


def test_every_token_that_a_style_sheet_uses_exists():
    folder = assets_folder()
    known = set(re.findall(r"--([\w-]+)\s*:", (folder / "30-tokens.css").read_text("utf-8")))
    for sheet in folder.glob("[45]*.css"):
        text = sheet.read_text(encoding="utf-8")
        used = set(re.findall(r"var\(--([\w-]+)", text))
        own = set(re.findall(r"--([\w-]+)\s*:", text))
        assert used - known - own - {name for name in used if name.startswith("bs-")} == set()


def test_a_faint_colour_keeps_its_hue():
    assert theme("light").faint("c1", 0.13) == "rgba(46,61,175,0.13)"
    assert theme("light").mark(0) == theme("light").colours["ink-3"]
