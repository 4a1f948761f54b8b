"""Every SQL file keeps what its header promises."""

import re

import pytest
from small_warehouse import AS_OF, SHOP, build, small_warehouse

from warehouse.headers import sql_files

MACROS = ("steps.", "features.", "labels.")
RELATIONS = [
    file
    for schema in ("core", "steps", "features", "labels", "scores", "marts")
    for file in sql_files(schema)
]


@pytest.fixture(scope="module")
def built():
    with small_warehouse(SHOP) as con:
        build(con, AS_OF)
        yield con


@pytest.mark.parametrize("file", RELATIONS, ids=lambda file: file.header.name)
def test_a_header_declares_the_columns_that_the_relation_has(built, file):
    given = ", ".join("null" for _ in file.header.params)
    is_macro = file.header.name.startswith(MACROS)
    described = built.execute(
        f"describe from {file.header.name}{f'({given})' if is_macro else ''}"
    ).fetchall()
    declared = [(name, column.type) for name, column in file.header.columns.items()]
    assert declared == [(name, kind) for name, kind, *_ in described]
    assert all(column.description for column in file.header.columns.values())


@pytest.mark.parametrize("file", RELATIONS, ids=lambda file: file.header.name)
def test_a_header_names_grain_reads_and_parameters(file):
    named = re.findall(
        r"\b(?:from|join) ((?:core|steps|features|labels|scores|marts)\.\w+)", file.select
    )
    assert file.header.grain
    assert set(file.header.reads) == set(named)
    if file.header.name.startswith(MACROS):
        assert set(file.header.params) == set(re.findall(r"\$(\w+)", file.select))
