"""``/healthz``: the process lives. ``/readyz``: it can answer, and from which data."""

from datetime import UTC, datetime

from flask import Flask, Response

from dashboard.context import Context
from dashboard.routes.answers import answering, json_answer, json_error
from warehouse.version import build_name


def register(server: Flask, context: Context) -> None:
    """Answer both."""

    def healthz() -> Response:
        return json_answer({"status": "alive"})

    @answering(json_error)
    def readyz() -> Response:
        view = context.reader.view()
        manifest = view.manifest
        age = (datetime.now(UTC) - manifest.created_at).total_seconds()
        return json_answer(
            {
                "generation": view.number,
                "build": build_name(),
                "as_of": manifest.as_of.isoformat() if manifest.as_of else None,
                "created_at": manifest.created_at.isoformat(timespec="seconds"),
                "age_seconds": max(0, int(age)),
                **({"trouble": context.reader.trouble} if context.reader.trouble else {}),
            }
        )

    server.add_url_rule("/healthz", "healthz", healthz)
    server.add_url_rule("/readyz", "readyz", readyz)
