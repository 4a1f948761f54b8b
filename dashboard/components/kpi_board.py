"""The board of key figures: one hero and six, divided by hairlines; each leads to what it means."""

from dashboard.components import html
from dashboard.components.icons import icon
from dashboard.components.links import address, go
from dashboard.components.spark import spark
from dashboard.formatting import MINUS, MISSING, Formatter
from dashboard.queries.kpi import Kpi

ASIDE = "revenue_without_customer"
LONG = 10  # characters that fit a cell at full size in a window of 1366 px


def board(
    kpis: list[Kpi],
    formatter: Formatter,
    left_out: str = "",
    path: str = "/customers",
    here: str | None = None,
) -> html.Div:
    """Tiles of ``kpis``, the first one the loudest; revenue without a customer is a line below.

    ``left_out`` says what else no tile counts; ``path`` is the page that a tile leads to. One that
    leads to the address ``here`` is no link.
    """
    tiles = [kpi for kpi in kpis if kpi.name != ASIDE]
    parts: list[object] = [
        html.Div(
            [_tile(kpi, n == 0, formatter, path, here) for n, kpi in enumerate(tiles)],
            className="kpis",
        )
    ]
    parts += [_aside(k) for k in kpis if k.name == ASIDE and (k.value or k.previous)]
    parts += [html.P(left_out, className="kpi-aside")] if left_out else []
    return html.Div(parts, className="panel")


def _aside(kpi: Kpi) -> html.P:
    """Revenue that no tile above counts."""
    words: list[object] = ["Not counted above: ", html.B(kpi.text),
                           " of purchases without a customer"]  # fmt: skip
    if kpi.previous_text:
        words.append(f", {kpi.previous_text} in the compared days")
    return html.P(words, className="kpi-aside", id=f"kpi-{kpi.name}")


def _tile(
    kpi: Kpi, is_hero: bool, formatter: Formatter, path: str, here: str | None
) -> html.A | html.Div:
    parts: list[object] = [
        html.Span(kpi.title, className="kpi-label"),
        html.Span(
            kpi.text if kpi.value is not None else MISSING,
            className="kpi-value long" if len(kpi.text) > LONG else "kpi-value",
        ),
    ]
    line = spark(kpi.spark, calm=not is_hero)
    note = html.Span(_note(kpi), className="kpi-note")
    if is_hero:
        parts = [html.Span([*parts, note], className="kpi-top")]
        parts += [line] if line is not None else []
        parts += _target(kpi, formatter)
    else:
        parts += [line] if line is not None else []
        parts.append(note)
    href, class_name = address(path, kpi.query), "kpi hero" if is_hero else "kpi"
    about = {"id": f"kpi-{kpi.name}", "data-value": "" if kpi.value is None else str(kpi.value)}
    if href == here:
        return html.Div(parts, className=class_name, **about)
    return go(parts, href, className=class_name, **about)


def _note(kpi: Kpi) -> list[object]:
    """Change with arrow and word, then the remark; the reason where there is no number."""
    if kpi.value is None:
        return [html.Span(kpi.reason or "")]
    parts: list[object] = []
    if kpi.change_text:
        tone = kpi.judgement or ""
        is_flat = not any(digit in "123456789" for digit in kpi.change_text)
        change = 0 if is_flat else kpi.change or 0
        arrow = icon("caret-up-fill" if change > 0 else "caret-down-fill") if change else None
        direction = "up " if change > 0 else "down " if change else ""
        words = direction + {"good": "and better, ", "bad": "and worse, "}.get(tone, "")
        parts.append(
            html.Span(
                [
                    arrow,
                    html.Span(words, className="visually-hidden"),
                    kpi.change_text.removeprefix(MINUS),
                ],
                className=f"delta {tone}".strip(),
            )
        )
    # One remark beside a change, or it wraps: what it was says more than how it is counted.
    was = f"was {kpi.previous_text}" if kpi.previous_text else None
    why_not = f"not compared: {kpi.reason}" if kpi.reason else ""
    parts.append(html.Span(was or kpi.note or why_not))
    return parts


def _target(kpi: Kpi, formatter: Formatter) -> list[object]:
    """How far the hero is from its target, where one is set."""
    if kpi.target is None or kpi.value is None or kpi.target <= 0:
        return []
    share = kpi.value / kpi.target
    meter = html.Span(
        html.I(style={"width": f"{max(0.0, min(1.0, share)) * 100:.1f}%"}), className="meter"
    )
    missing = kpi.target - kpi.value
    rest = "target met" if missing <= 0 else f"{formatter.money(missing)} short"
    words = [
        html.Span(f"{formatter.percent(share, 0)} of target {formatter.money(kpi.target)}"),
        html.Span(rest, className="push"),
    ]
    return [html.Span([meter, html.Span(words, className="kpi-note")], className="kpi-target")]
