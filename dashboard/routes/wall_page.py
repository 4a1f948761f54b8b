"""``/wall``: the page of the wall screen. Plain HTML without Dash; wall.js fills it.

The page itself knows no number: it carries the address of ``/api/wall.json`` and how often to ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import Flask, Response, render_template_string, request

from dashboard.context import Context
from warehouse.configuration import Wall
from warehouse.version import build_name

THEMES: Final = ("dark", "light")
SECONDS: Final = (5, 3600)  # shortest and longest time between two checks or two screens
STYLES: Final = (
    "20-bootstrap-icons.min.css",
    "30-tokens.css",
    "40-components.css",
    "wall.css",
)


@dataclass(frozen=True)
class WallView:
    """What the address of a wall asks for.

    Parameters
    ----------
    api : address of the numbers; holds the screens and the selection, nothing of the page.
    home : address of the overview with the same selection.
    every : seconds that a screen stays.
    refresh : seconds between two checks.
    theme : ``dark`` or ``light``.
    ignored : what was left out of the address, as ``key=value``, with a reason where it had one.
    """

    api: str
    home: str
    every: int
    refresh: int
    theme: str
    ignored: tuple[str, ...]


def parse_wall(query: str, defaults: Wall) -> WallView:
    """Read the query string of ``/wall``; what is not of the page is the selection.

    The selection is passed on as it stands: ``/api/wall.json`` judges it, and the wall shows
    the sentence with which it is refused. Only a comparison without a period is left out here: it
    says nothing of who is meant, and the numbers stand without it.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    options = {key: value for key, value in pairs if key in ("every", "refresh", "theme")}
    screens = [value for key, value in pairs if key == "screens"] or [",".join(defaults.screens)]
    selection = [pair for pair in pairs if pair[0] not in ("screens", *options)]
    ignored: list[str] = []
    if dict(selection).get("period", "all") == "all":
        ignored += [f"compare={value} (needs a period)" for value in _taken(selection, "compare")]
    every = _seconds(options, "every", defaults.every, ignored)
    refresh = _seconds(options, "refresh", defaults.refresh, ignored)
    theme = options.get("theme", "dark")
    if theme not in THEMES:
        ignored.append(f"theme={theme}")
        theme = "dark"
    return WallView(
        api=f"/api/wall.json?{urlencode([*selection, ('screens', screens[-1])], safe=',.!')}",
        home=f"/?{urlencode(selection, safe=',.!')}" if selection else "/",
        every=every,
        refresh=refresh,
        theme=theme,
        ignored=tuple(ignored),
    )


def _taken(selection: list[tuple[str, str]], key: str) -> list[str]:
    """Take ``key`` out of ``selection``; its values that asked for something."""
    values = [value for name, value in selection if name == key]
    selection[:] = [pair for pair in selection if pair[0] != key]
    return [value for value in values if value != "off"]


def _seconds(options: dict[str, str], key: str, default: int, ignored: list[str]) -> int:
    """Option ``key`` as seconds within bounds; the default, and a remark, where it is none."""
    text = options.get(key, str(default))
    low, high = SECONDS
    if text.isascii() and text.isdigit() and len(text) <= 6 and low <= int(text) <= high:
        return int(text)
    ignored.append(f"{key}={text}")
    return default


def render(wall: WallView, styles: Sequence[str] = STYLES) -> str:
    """The page as HTML; every value is escaped by the template engine."""
    return render_template_string(PAGE, wall=wall, styles=styles, build=build_name())


def register(server: Flask, context: Context) -> None:
    """Answer ``GET /wall``."""

    def wall_page() -> Response:
        query = request.query_string.decode("utf-8", "replace")
        page = Response(render(parse_wall(query, context.settings.wall)), mimetype="text/html")
        page.headers["Cache-Control"] = "no-cache"
        return page

    server.add_url_rule("/wall", "wall_page", wall_page)


PAGE: Final = """\
<!doctype html>
<html lang="en" data-bs-theme="{{ wall.theme }}">
<head>
<meta charset="utf-8">
<title>Wall · Spendboard</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
{% for style in styles %}
<link rel="stylesheet" href="/assets/{{ style }}?build={{ build|urlencode }}">
{% endfor %}
<script type="module" src="/assets/wall.js?build={{ build|urlencode }}"></script>
</head>
<body>
<main class="wall" id="wall" data-build="{{ build }}" data-api="{{ wall.api }}"
  data-home="{{ wall.home }}" data-every="{{ wall.every }}" data-refresh="{{ wall.refresh }}">
  <header class="wall-head">
    <h1><a id="wall-home" href="{{ wall.home }}" title="Leave the wall (Esc)">Spendboard</a></h1>
    <p class="clip"><span id="wall-selection"></span>
      {% if wall.ignored %}
      <span class="wall-ignored">Ignored: {{ wall.ignored|join(", ") }}</span>{% endif %}</p>
    <time id="wall-time"></time>
  </header>
  <div class="wall-body">
    <div class="wall-alarm" id="wall-alarm" role="status" hidden>
      <i class="bi" aria-hidden="true"></i><b></b>
      <small><span id="wall-why"></span> <span id="wall-retry" aria-hidden="true"></span></small>
    </div>
    <div class="wall-stage">
      <section class="wall-grid" data-screen="kpi" aria-label="Key figures" hidden></section>
      <section class="wall-trend" data-screen="trend" aria-label="Trend" hidden>
        <div class="wall-lead">
          <div class="wall-label"><span data-part="label"></span></div>
          <div class="wall-value" data-part="value"></div>
          <div class="wall-delta"><div data-part="until"></div>
            <i data-part="arrow" aria-hidden="true"></i><b data-part="change"></b>
            <span data-part="note"></span></div>
          <div class="wall-key" data-part="key">
            <span><i></i><span data-part="key-1"></span></span>
            <span><i></i><span data-part="key-2"></span></span></div>
        </div>
        <svg class="wall-chart" viewBox="0 0 1792 560" role="img" data-part="chart">
          <title data-part="summary"></title>
          <g class="rules" data-part="rules"></g>
          <g class="ticks" data-part="ticks"></g>
          <g class="days" data-part="days"></g>
          <path class="before" data-part="before"></path>
          <path class="now" data-part="now"></path>
          <circle data-part="dot" r="11"></circle>
        </svg>
      </section>
      <section class="wall-message" id="wall-message"><h2>Waiting for numbers</h2>
        <p>Asking the server for the first numbers.</p>
        <noscript><p>The wall needs JavaScript.</p></noscript>
      </section>
    </div>
  </div>
  <footer class="wall-foot">
    <span id="wall-contact"><i class="bi bi-wifi" aria-hidden="true"></i>Server <b></b></span>
    <span id="wall-data" hidden><i class="bi bi-clock" aria-hidden="true"></i>Data <span
      id="wall-to">to <b id="wall-as-of"></b>, </span>refreshed <b id="wall-age"></b></span>
    <span class="push"><span class="dots" id="wall-dots" aria-hidden="true"></span>
      <span id="wall-place"></span></span>
  </footer>
</main>
<template id="wall-tile">
  <article class="wall-kpi">
    <div class="wall-label" data-part="label"></div>
    <div class="wall-value" data-part="value"></div>
    <div class="wall-delta"><i data-part="arrow" aria-hidden="true"></i><b data-part="change"></b>
      <span data-part="note"></span></div>
    <div class="wall-low">
      <div data-part="aim"><div class="meter"><i data-part="fill"></i><u data-part="goal"></u></div>
        <div class="wall-target"><span data-part="target"></span>
          <span data-part="reached"><i aria-hidden="true"></i> <span></span></span></div></div>
      <svg class="wall-spark" data-part="spark" viewBox="0 0 500 72" preserveAspectRatio="none"
        aria-hidden="true"><path></path></svg>
    </div>
  </article>
</template>
</body>
</html>
"""
