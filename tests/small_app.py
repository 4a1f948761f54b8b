"""The dashboard on a small workspace, asked over HTTP as a browser would ask it."""

from small_shop import LAST_DAY, PERSONAS, SETTINGS, publish

from dashboard.app import create_app
from warehouse.publishing import finish

# persona: (mean orders, z), (mean days since the last purchase, z)
PROFILES = {
    "champions": ((2.0, 1.9), (0.0, -1.1)),
    "loyal": ((1.0, 0.9), (10.0, -0.8)),
    "promising": ((1.0, 0.1), (20.0, -0.4)),
    "new": ((1.0, -0.6), (30.0, -0.9)),
    "at-risk": ((1.0, 0.2), (41.0, 0.8)),
    "dormant": ((0.5, -0.9), (546.0, 1.6)),
}


def publish_scored(folder, settings=SETTINGS, **kwargs):
    """The small shop with cluster profiles, the numbers of groups tried, and one backtest."""
    workspace = publish(folder, settings=settings, **kwargs)
    with workspace.writing("refresh", settings) as draft:
        con = draft.con
        for cluster, slug in enumerate(PERSONAS):
            (orders, orders_z), (days, days_z) = PROFILES[slug]
            con.execute(
                "insert into scores.cluster_profiles values"
                " (?, ?, 'frequency', 'Orders', 'count', ?, ?),"
                " (?, ?, 'recency_days', 'Days since last purchase', 'days', ?, ?)",
                [cluster, slug, orders, orders_z, cluster, slug, days, days_z],
            )
            con.execute(
                "update scores.personas set description = ?, rule = ?, action = ?,"
                " action_detail = ? where persona = ?",
                [f"{slug} in a sentence.", f"rule of {slug}", f"do {slug}", "by letter", slug],
            )
        con.execute(
            "insert into scores.cluster_scan values"
            " (5, 100, 0.30, 0.90, 0.10, false), (6, 80, 0.28, 0.88, 0.05, true)"
        )
        con.execute(
            "insert into scores.model_runs (model_id, question, champion, why, enough_history)"
            " values ('k', 'clusters', 'kmeans', 'Six is written down as the reason', true)"
        )
        con.execute(
            "insert into scores.backtests"
            " (question, candidate, origin, metric, value, is_champion) values"
            " ('spend', 'mean', date '2025-05-31', 'total_expected', 200, true),"
            " ('spend', 'mean', date '2025-05-31', 'total_actual', 85, true),"
            " ('spend', 'mean', date '2025-05-01', 'total_expected', 1, true),"
            " ('spend', 'mean', date '2025-05-01', 'total_actual', 1, true)"
        )
        finish(draft, settings, as_of=None, scores_as_of=LAST_DAY, horizon_days=30, models=[])
    return workspace


class Browser:
    """Asks the callbacks of an app; holds no state but the page's generation."""

    def __init__(self, folder, settings=SETTINGS, generation=None):
        self.folder = folder
        self.app = create_app(folder, settings)
        self.http = self.app.server.test_client()
        self.generation = generation
        self.callbacks = self.http.get("/_dash-dependencies").get_json()

    def ask(self, output, *, path="/", search="", theme="light", status=200, **values):
        """The answer of the callback that sets ``output``: ``{id: {property: value}}``.

        ``values`` are further inputs and states, ``id__property=value`` with - as _ in ids.
        """
        candidates = [c for c in self.callbacks if output in outputs_of(c["output"])]
        known = {
            "url.search": search, "url.pathname": path, "theme.data": theme,
            "generation.data": self.generation,
        }  # fmt: skip
        named = {prop(name): value for name, value in values.items()}
        # Several callbacks may set the address: the one that listens to what changed answers.
        heard = [
            c
            for c in candidates
            if any(f"{part['id']}.{part['property']}" in named for part in c["inputs"])
        ]
        found = (heard or candidates)[0]
        known |= named

        def filled(parts):
            return [
                part | {"value": known.get(f"{part['id']}.{part['property']}")} for part in parts
            ]

        listed = [
            {"id": name.rpartition(".")[0], "property": name.rpartition(".")[2].split("@")[0]}
            for name in outputs_of(found["output"], bare=False)
        ]
        reply = self.http.post(
            "/_dash-update-component",
            json={
                "output": found["output"],
                "outputs": listed if found["output"].startswith("..") else listed[0],
                "inputs": filled(found["inputs"]),
                "state": filled(found["state"]),
                "changedPropIds": [next(iter(named), "url.search")],
            },
        )
        assert reply.status_code == status, reply.get_data(as_text=True)[:500]
        return reply.get_json()["response"] if status == 200 else None

    def panel(self, name, **kwargs):
        """The parts of a panel of components: body, sub, say, aside, slot."""
        answer = self.ask(f"{name}-body.children", **kwargs)
        return {
            identifier.removeprefix(f"{name}-"): value.get("children")
            for identifier, value in answer.items()
        }

    def body(self, name, **kwargs):
        """What a panel shows as its content, or the state in its place."""
        parts = self.panel(name, **kwargs)
        return parts.get("slot") or parts["body"]


def prop(name):
    """``trend_toggle__n_clicks`` -> ``trend-toggle.n_clicks``."""
    identifier, _, attribute = name.partition("__")
    return f"{identifier.replace('_', '-')}.{attribute}"


def outputs_of(text, *, bare=True):
    """Names of a callback's outputs; ``bare`` ones lack the mark of duplicates."""
    names = text.strip(".").split("...") if text.startswith("..") else [text]
    return [name.split("@")[0] for name in names] if bare else names


def nodes(tree):
    """Every component of a tree, as dash sends it."""
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)
    elif isinstance(tree, dict) and "props" in tree:
        yield tree
        yield from nodes(tree["props"].get("children"))


def find(tree, **props):
    """Components whose properties are ``props`` (className: contains; kind: the component)."""
    found = []
    for node in nodes(tree):
        for name, wanted in props.items():
            have = node["type"] if name == "kind" else node["props"].get(name.replace("_", "-"))
            have = node["props"].get(name, have) if name != "kind" else have
            if name == "className":
                if wanted not in (have or "").split():
                    break
            elif have != wanted:
                break
        else:
            found.append(node)
    return found


def text(tree):
    """All words of a tree, separated by single spaces."""
    if isinstance(tree, list):
        return " ".join(filter(None, (text(part) for part in tree)))
    if isinstance(tree, dict):
        return text(tree.get("props", {}).get("children"))
    return "" if tree is None or isinstance(tree, bool) else str(tree).strip()


def links(tree):
    """Words and address of every link."""
    return {text(node): node["props"]["href"] for node in nodes(tree) if "href" in node["props"]}


def table(tree):
    """Rows of the first table, heads included, as words."""
    first = find(tree, kind="Table")[0]
    return [
        [text(cell) for cell in row["props"]["children"]]
        if isinstance(row["props"]["children"], list)
        else [text(row["props"]["children"])]
        for row in find(first, kind="Tr")
    ]
