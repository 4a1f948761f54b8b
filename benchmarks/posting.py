"""Callbacks asked over HTTP as a browser asks them, and what they cost."""

import contextlib
import http.client
import json
import threading
import time

from waitress.server import create_server

from dashboard import ids
from dashboard.answers import Answers
from dashboard.queries.held import READING


class Client:
    """One connection that stays open, as a browser's."""

    def __init__(self, app):
        self.server = create_server(app.server, host="127.0.0.1", port=0, threads=4, map={})
        threading.Thread(target=self.run, daemon=True).start()
        host, port = self.server.effective_host, self.server.effective_port
        self.connection = http.client.HTTPConnection(host, port)

    def run(self):
        """Serve until the sockets are closed."""
        with contextlib.suppress(OSError):
            self.server.run()

    def close(self):
        """Let go of the app."""
        self.connection.close()
        self.server.task_dispatcher.shutdown()
        self.server.close()

    def ask(self, method, path, body=None):
        """The answer's body; anything but 200 ends the measurement."""
        headers = {"Content-Type": "application/json"}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text[:300]
        return text


def posting(client):
    """A function that posts one panel's callback, as the browser does."""
    app_callbacks = json.loads(client.ask("GET", "/_dash-dependencies"))

    def found(output):
        return next(c for c in app_callbacks if output in c["output"].strip(".").split("..."))

    def filled(parts, known):
        return [part | {"value": known.get(f"{part['id']}.{part['property']}")} for part in parts]

    def post(output, search):
        callback = found(output)
        known = {"url.search": search, "url.pathname": "/", "theme.data": "light"}
        names = callback["output"].strip(".").split("...")
        outputs = [
            dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names
        ]
        is_many = callback["output"].startswith("..")
        body = json.dumps({
            "output": callback["output"],
            "outputs": outputs if is_many else outputs[0],
            "inputs": filled(callback["inputs"], known),
            "state": filled(callback["state"], known),
            "changedPropIds": ["url.search"],
        })  # fmt: skip
        begin = Spent.now()
        client.ask("POST", "/_dash-update-component", body)
        return Spent.since(begin)

    return post


class Spent(tuple):
    """Seconds on the wall's clock, and seconds of CPU over all threads."""

    __slots__ = ()

    @classmethod
    def now(cls):
        return cls((time.perf_counter(), time.process_time()))

    @classmethod
    def since(cls, begin):
        return cls(b - a for a, b in zip(begin, cls.now(), strict=True))

    @classmethod
    def total(cls, parts):
        return cls(map(sum, zip(*parts, strict=True)))


def first_output(app, panel):
    names = {ids.part(panel, "body"), ids.graph(panel)}
    for key in app.callback_map:
        for output in key.strip(".").split("..."):
            if output.rsplit(".", 1)[0] in names:
                return output
    raise LookupError(panel)


def awaited(view):
    """A large shop's orders are read beside the first answers; they are not measured here."""
    view.held(), view.lines()
    for thread in threading.enumerate():
        if thread.name == READING:
            thread.join()


def forget(view):
    view._answers, view.finished = Answers(), Answers()
    if (held := view.held()) is not None:
        held.tallies.__init__()


def view_of(app):
    """The application's own view; a second one on the same file would have other caches."""
    contexts = [
        cell.cell_contents
        for function in app.server.view_functions.values()
        if function.__closure__
        for cell in function.__closure__
        if hasattr(cell.cell_contents, "reader")
    ]
    return contexts[0].reader.view()
