"""What the doctor sees of the machine: Python, packages, libraries, memory, port, leftovers."""

import ctypes
import errno
import importlib
import importlib.metadata
import importlib.util
import json
import platform
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlparse

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from dashboard.doctor import Line
from warehouse.connection import available_memory, default_threads
from warehouse.files import size
from warehouse.scratch import abandoned, remove_scratch

DISTRIBUTION = "spendboard"
_PACKAGES = ("warehouse", "analytics", "dashboard")
_LEAST_MEMORY = 1024**3
# This was written then: an earlier clock is wrong.
_WRITTEN = datetime(2025, 1, 1, tzinfo=UTC)
_REINSTALL = "install spendboard anew, in an environment of its own (venv, pipx)"


def machine_lines(host: str, port: int, *, fix: bool) -> Iterator[Line]:
    """Everything that does not depend on a workspace."""
    yield _python()
    yield from _packages()
    yield _origin()
    yield _openmp()
    yield _lightgbm()
    yield _memory()
    yield _clock()
    yield _port(host, port)
    yield _leftovers(fix=fix)


def _metadata() -> importlib.metadata.Distribution | None:
    try:
        return importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return None


def _python() -> Line:
    version = platform.python_version()
    installed = _metadata()
    wanted = (installed.metadata["Requires-Python"] if installed else None) or ">=3.11"
    fits = SpecifierSet(wanted).contains(version, prereleases=True)
    return Line(
        "python", "ok" if fits else "fail", f"{version}, wanted {wanted}",
        f"run Spendboard with a Python {wanted}",
    )  # fmt: skip


def _packages() -> Iterator[Line]:
    """One line for each requirement; those that fit share one."""
    installed = _metadata()
    if installed is None:
        yield Line("packages", "warn", "spendboard is not installed, it runs from a folder",
                   "pip install . in that folder, so that versions can be compared")  # fmt: skip
        return
    fitting = []
    for text in installed.requires or ():
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            version = importlib.metadata.version(wanted.name)
        except importlib.metadata.PackageNotFoundError:
            yield Line(wanted.name, "fail", f"not installed, wanted {wanted.specifier}", _REINSTALL)
            continue
        if wanted.specifier.contains(version, prereleases=True):
            fitting.append(f"{wanted.name} {version}")
        else:
            yield Line(wanted.name, "fail", f"{version}, wanted {wanted.specifier}",
                       f"pip install '{wanted.name}{wanted.specifier}'")  # fmt: skip
    yield Line("packages", "ok", ", ".join(fitting))


def _origin() -> Line:
    """Whether our packages, whose names are common words, are really ours."""
    home = _home()
    for name in _PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found is None or found.parent != home:
            return Line(
                "origin", "fail", f"the package {name} comes from {found}, not from {home}",
                "leave that folder, or rename what is called so; use an environment of its own",
            )  # fmt: skip
    return Line("origin", "ok", f"warehouse, analytics and dashboard come from {home}")


def _home() -> Path:
    """The folder in which this distribution keeps its packages."""
    installed = _metadata()
    here = Path(__file__).resolve().parents[1]
    if installed is None:
        return here
    text = installed.read_text("direct_url.json")
    about = json.loads(text) if text else {}
    if about.get("dir_info", {}).get("editable"):
        return Path(unquote(urlparse(about["url"]).path)).resolve()
    home = Path(str(installed.locate_file(""))).resolve()
    return home if (home / "dashboard").is_dir() else here


def _openmp() -> Line:
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError as error:
        return Line("libgomp", "fail", str(error), "apt-get install libgomp1: LightGBM needs it")
    return Line("libgomp", "ok", "libgomp.so.1 can be loaded")


def _lightgbm() -> Line:
    try:
        module = importlib.import_module("lightgbm")
    except Exception as error:  # whatever it is, it keeps models from being trained
        return Line(
            "lightgbm", "fail", f"cannot be imported: {str(error).splitlines()[0]}",
            "see libgomp above, or " + _REINSTALL,
        )  # fmt: skip
    return Line("lightgbm", "ok", f"{module.__version__} can be imported")


def _memory() -> Line:
    memory, cores = available_memory(), default_threads()
    found = f"{memory / 1024**3:,.1f} GiB of memory, {cores} core{'' if cores == 1 else 's'}"
    if memory < _LEAST_MEMORY:
        return Line("machine", "warn", found, "give it at least 1 GiB")
    return Line("machine", "ok", found)


def _clock() -> Line:
    now = datetime.now(UTC)
    if now < _WRITTEN:
        return Line("clock", "fail", f"{now:%Y-%m-%d %H:%M} UTC lies in the past", "set the clock")
    return Line("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _port(host: str, port: int) -> Line:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET  # as the server does
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, TypeError) as error:  # TypeError: a name that no encoding of hosts holds
            number = getattr(error, "errno", None)
            is_of_host = not isinstance(error, OSError) or isinstance(error, socket.gaierror)
            return Line(
                "port", "warn", f"{host}:{port}: {getattr(error, 'strerror', None) or error}",
                "name an address of this machine, such as --host 127.0.0.1"
                if is_of_host or number == errno.EADDRNOTAVAIL
                else "a server may be running there; otherwise serve --port with another number",
            )  # fmt: skip
    return Line("port", "ok", f"{host}:{port} is free")


def _leftovers(*, fix: bool) -> Line:
    """Temporary folders of processes that were killed."""
    folders = abandoned()
    if not folders:
        return Line("leftovers", "ok", "no temporary folders of killed processes")
    megabytes = sum(map(size, folders)) / 1e6
    found = f"{len(folders)} temporary folders of killed processes, {megabytes:,.1f} MB"
    if not fix:
        return Line("leftovers", "warn", found, "spendboard doctor --fix removes them")
    for folder in folders:
        remove_scratch(folder)
    return Line("leftovers", "ok", f"{found}: removed")
