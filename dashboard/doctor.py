"""``spendboard doctor``: whether this machine and this workspace are fit for work, line by line.

It needs no workspace and no model library: it is asked when one of them is missing or broken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: how it is, what was found, and what to do where it is bad."""

    name: str
    state: State
    found: str
    fix: str = ""


def examine(folder: Path, key_file: Path, *, host: str, port: int, fix: bool) -> list[Line]:
    """Look at everything.

    Parameters
    ----------
    folder : the workspace; may not exist.
    key_file : where the key that signs models lies.
    host, port : where a server would listen.
    fix : remove what killed processes left in the temporary folder.
    """
    from dashboard.doctor_machine import machine_lines
    from dashboard.doctor_workspace import workspace_lines

    def all_lines() -> Iterator[Line]:
        yield from machine_lines(host, port, fix=fix)
        yield from workspace_lines(folder, key_file)

    return list(all_lines())


def doctor_json(lines: list[Line]) -> dict[str, object]:
    """The answer of ``spendboard doctor --json``."""
    return {
        "schema": 1,
        "ok": all(line.state != "fail" for line in lines),
        "lines": [
            {"name": line.name, "state": line.state, "found": line.found, "fix": line.fix or None}
            for line in lines
        ],
    }


def doctor_text(lines: list[Line]) -> str:
    """The same for people."""
    width = max(len(line.name) for line in lines)
    out = []
    for line in lines:
        mark = "FAIL" if line.state == "fail" else line.state
        out.append(f"{mark:<5}{line.name:<{width}}  {line.found}")
        if line.fix and line.state != "ok":
            out.append(f"     {'':<{width}}  to fix: {line.fix}")
    failed = sum(line.state == "fail" for line in lines)
    warned = sum(line.state == "warn" for line in lines)
    out.append(f"{len(lines)} looked at: {failed} failed, {warned} warned")
    return "\n".join(out)
