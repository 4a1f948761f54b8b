"""Which package may import which, what each may name in SQL, and who reads the environment."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("warehouse", "analytics", "dashboard")
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "analytics": {"analytics", "warehouse"},
    "dashboard": {"dashboard", "analytics", "warehouse"},
}
NO_LIBRARY = {
    "warehouse": {"dash", "plotly", "sklearn", "lightgbm", "flask"},
    "analytics": {"dash", "plotly", "flask"},
    "dashboard/figures": {"dash", "duckdb"},
}
MAY_NAME = {"analytics": {"features", "labels", "scores", "core"}, "dashboard": {"marts"}}
SCHEMAS = "core|features|labels|scores|marts"
MAY_IMPORT_ANALYTICS = {"dashboard/cli.py", "dashboard/scoring.py"}
MAY_READ_ENVIRONMENT = {"dashboard/cli.py", "dashboard/settings.py"}


def modules(folder):
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_downwards(package):
    for path in modules(package):
        extra = (set(imported(path)) & set(PACKAGES)) - MAY_IMPORT[package]
        assert not extra, f"{path.relative_to(ROOT)} imports {sorted(extra)}"


def test_only_the_lazy_doors_of_the_dashboard_import_the_models():
    for path in modules("dashboard"):
        name = path.relative_to(ROOT).as_posix()
        if name not in MAY_IMPORT_ANALYTICS:
            assert "analytics" not in set(imported(path)), f"{name} imports analytics"


@pytest.mark.parametrize("folder", NO_LIBRARY)
def test_rooms_keep_foreign_libraries_out(folder):
    for path in modules(folder):
        foreign = set(imported(path)) & NO_LIBRARY[folder]
        assert not foreign, f"{path.relative_to(ROOT)} imports {sorted(foreign)}"


@pytest.mark.parametrize("package", MAY_NAME)
def test_sql_names_only_the_schemas_published_to_it(package):
    for path in modules(package):
        text = path.read_text(encoding="utf-8")
        named = re.findall(rf"\b(?:from|join)\s+({SCHEMAS})\.\w+", text)
        assert set(named) <= MAY_NAME[package], (
            f"{path.relative_to(ROOT)} reads {sorted(set(named) - MAY_NAME[package])}"
        )


@pytest.mark.parametrize("package", PACKAGES)
def test_only_the_settings_and_the_command_line_read_the_environment(package):
    for path in modules(package):
        name = path.relative_to(ROOT).as_posix()
        if name in MAY_READ_ENVIRONMENT:
            continue
        text = path.read_text(encoding="utf-8")
        # Setting a default for a library that is imported next is not reading.
        text = re.sub(r"os\.environ\.setdefault\(", "", text)
        assert not re.search(r"os\.environ|os\.getenv|environ\[", text), name


def test_the_web_app_starts_without_pandas_and_the_model_libraries():
    code = (
        "import sys, dashboard.app, dashboard.cli;"
        "print(sorted({'pandas', 'sklearn', 'lightgbm', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
