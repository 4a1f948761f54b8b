"""Generations held open: the newest is noticed, a page keeps its own, equal questions meet."""

import gc
import multiprocessing
import os
import shutil
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import msgspec
import pytest
from small_shop import SETTINGS, publish

import dashboard.queries.vocabulary
import dashboard.reader
from dashboard.answers import Answers
from dashboard.queries.held import count
from dashboard.reader import GenerationGone, Reader
from dashboard.selection import Selection
from warehouse.errors import CorruptGenerationError, NoGenerationError
from warehouse.generations import Workspace


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "workspace"


@pytest.fixture(autouse=True)
def look_always(monkeypatch):
    monkeypatch.setattr(dashboard.reader, "LOOK_EVERY", 0.0)


def reader_of(folder):
    return Reader(publish(folder), SETTINGS)


def test_a_workspace_without_a_generation_says_so(folder):
    reader = Reader(Workspace(folder), SETTINGS)
    with pytest.raises(NoGenerationError):
        reader.view()
    publish(folder)
    assert reader.view().number == 1


def test_a_new_generation_is_noticed_and_the_page_keeps_the_one_before(folder):
    reader = reader_of(folder)
    first = reader.view()
    publish(folder)
    assert reader.view().number == 2
    assert reader.view(1) is first
    publish(folder)
    assert reader.view().number == 3
    assert reader.view(2).number == 2
    with pytest.raises(GenerationGone, match="1 is no longer open"):
        reader.view(1)


def test_a_query_under_way_outlives_the_swap(folder):
    reader = reader_of(folder)
    first = reader.view()
    for _ in range(3):
        publish(folder)
        reader.view()
    assert first.rows("select count(*) as n from marts.customers") == [{"n": 6}]


def test_a_generation_that_nobody_can_ask_for_any_more_is_let_go_at_once(folder, monkeypatch):
    monkeypatch.setattr(dashboard.queries.vocabulary, "MOST_AT_HAND", 1)  # the others are asked for
    reader = reader_of(folder)
    view = reader.view()
    for query in ("category=shoes,toys-co", "persona=loyal"):
        count(view, Selection.parse(query, view.vocabulary))
    with pytest.raises(ZeroDivisionError):
        view.cached("fails", lambda: 1 / 0)
    left = weakref.ref(view)
    del view
    gc.disable()
    try:
        for _ in range(2):
            publish(folder)
            reader.view()
        assert left() is None
    finally:
        gc.enable()


def test_another_process_opens_the_previous_one_from_the_disk(folder):
    publish(folder)
    reader = reader_of(folder)
    assert reader.view().number == 2
    assert reader.view(1).number == 1


def test_after_a_rollback_pages_of_the_newer_generation_still_answer(folder):
    reader = reader_of(folder)
    publish(folder)
    assert reader.view().number == 2
    reader.workspace.rollback()
    assert reader.view().number == 1
    assert reader.view(2).number == 2


def test_an_unknown_generation_is_gone(folder):
    reader = reader_of(folder)
    for number in (0, 7, -1):
        with pytest.raises(GenerationGone):
            reader.view(number)


def test_looks_at_the_disk_are_spared_between(folder, monkeypatch):
    monkeypatch.setattr(dashboard.reader, "LOOK_EVERY", 60.0)
    reader = reader_of(folder)
    reader.view()
    publish(folder)
    assert reader.view().number == 1


def test_a_damaged_new_generation_leaves_the_old_one_served(folder, caplog):
    reader = reader_of(folder)
    reader.view()
    newer = publish(folder).current()
    newer.database.write_bytes(b"not a database")
    assert reader.view().number == 1
    assert "still serving 1" in caplog.text
    with pytest.raises(CorruptGenerationError):
        Reader(Workspace(folder), SETTINGS).view()


def test_current_may_vanish_while_it_is_served(folder, caplog):
    reader = reader_of(folder)
    view = reader.view()
    away = folder.with_name("renamed")
    folder.rename(away)
    for _ in range(3):
        assert reader.view() is view
    assert len(caplog.records) == 1  # one line, not one for every look
    assert "cannot be followed" in caplog.text
    assert "Traceback" not in caplog.text
    away.rename(folder)
    assert reader.view() is view
    shutil.rmtree(folder)
    assert reader.view() is view
    assert len(caplog.records) == 2


def test_rows_are_exact_and_frames_are_floats(folder):
    view = reader_of(folder).view()
    sql = "select sum(monetary) as spent, min(first_purchased_on) as first from marts.customers"
    row = view.rows(sql)[0]
    assert row["spent"] == Decimal("233.00")
    assert str(row["first"]) == "2024-01-01"
    assert view.frame(sql)["spent"].tolist() == [233.0]


def test_nothing_can_be_written_or_reached(folder):
    import duckdb

    view = reader_of(folder).view()
    for sql in ("create table x (a int)", "delete from marts.customers",
                f"copy marts.customers to '{folder / 'x.csv'}'",
                "select * from read_csv('/etc/passwd')", "set threads = 1"):  # fmt: skip
        with pytest.raises(duckdb.Error):
            view.rows(sql)


def test_threads_never_get_each_others_rows(folder):
    view = reader_of(folder).view()

    def ask(number):
        return view.rows("select $n::int as n, count(*) as c from marts.customers", {"n": number})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(200)))
    assert answers == [[{"n": n, "c": 6}] for n in range(200)]


def test_equal_questions_at_one_time_are_asked_once():
    answers, asked, gate = Answers(), [], threading.Event()

    def make():
        asked.append(1)
        gate.wait(10)
        return "answer"

    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(answers.get, "key", make) for _ in range(16)]
        time.sleep(0.1)
        gate.set()
        assert {future.result() for future in waiting} == {"answer"}
    assert len(asked) == 1


def test_a_failure_reaches_everybody_and_is_not_kept():
    answers = Answers()

    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answers.get("key", fail)
    assert answers.get("key", lambda: 1) == 1


def test_the_least_recently_used_answer_is_forgotten():
    answers = Answers(most=2)
    for key in ("a", "b", "a", "c"):
        answers.get(key, lambda key=key: key)
    asked = []
    for key in ("a", "b"):
        answers.get(key, lambda key=key: asked.append(key))
    assert asked == ["b"]


def test_answers_belong_to_their_generation(folder):
    reader = reader_of(folder)
    assert reader.view().cached("n", lambda: 1) == 1
    publish(folder)
    assert reader.view().cached("n", lambda: 2) == 2
    assert reader.view(1).cached("n", lambda: 3) == 1


def test_the_same_count_for_every_spelling_of_one_selection(folder):
    view = reader_of(folder).view()
    assert view.held() is not None
    asked = []
    view.arrays = lambda *args, arrays=view.arrays: asked.append(1) or arrays(*args)
    queries = ("persona=loyal,at-risk&q=a", "q=a&persona=at-risk,loyal&sort=name&page=3")
    counted = {count(view, Selection.parse(query, view.vocabulary)) for query in queries}
    assert counted == {1}
    assert len(asked) == 1


def _count_in_child(reader, answer):
    try:
        answer.send(reader.view().rows("select count(*) as n from marts.customers"))
    except RuntimeError as error:
        answer.send(str(error))


def _asked_in_a_fork(reader):
    gc.collect()  # what earlier tests left open must not be closed by a child
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe()
    child = fork.Process(target=_count_in_child, args=(reader, theirs))
    child.start()
    assert ours.poll(30)
    child.join(30)
    return ours.recv()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_reader_made_before_a_fork_opens_in_the_child_and_a_used_one_refuses(folder):
    reader = reader_of(folder)
    assert _asked_in_a_fork(reader) == [{"n": 6}]
    assert reader.view().rows("select count(*) as n from marts.customers") == [{"n": 6}]
    assert "before the fork" in _asked_in_a_fork(reader)
    assert reader.view().rows("select count(*) as n from marts.customers") == [{"n": 6}]


def test_a_query_larger_than_memory_runs_after_the_temporary_folder_was_cleaned(folder):
    little = msgspec.structs.replace(SETTINGS, memory_limit="40MiB")
    view = Reader(publish(folder), little).view()
    large = (
        "select count(*) as n from (select row_number() over (order by hash(i)) as place,"
        " repeat('x', 40) as text, i from range(500000) as t(i)) where place % 7 = i % 3"
    )
    own = dashboard.reader._own_folder(os.getpid())
    answers = []
    for clean in (lambda: None, lambda: shutil.rmtree(own / "spill"), lambda: shutil.rmtree(own)):
        clean()
        answers += view.rows(large)
    assert answers[0] == answers[1] == answers[2]
