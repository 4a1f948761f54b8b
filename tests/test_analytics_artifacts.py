"""Saved models: what comes back is what was written here, or nothing is loaded at all."""

import pickle
from pathlib import Path

import msgspec
import pytest

from analytics.artifacts import fault, load, save
from warehouse.errors import CorruptGenerationError

KEY, OTHER = bytes(32), bytes([1]) * 32


class Bomb:
    """Unpickling it leaves a trace: what a file from elsewhere could do."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return (Path.touch, (Path(self.trace),))


def test_a_saved_model_comes_back(tmp_path):
    entry = save(tmp_path, "churn", {"weights": [1.5, -2.0]}, KEY)
    assert load(tmp_path, [entry], "churn", KEY) == {"weights": [1.5, -2.0]}
    assert load(tmp_path, [entry], "spend", KEY) is None


def test_an_altered_file_is_refused_and_never_unpickled(tmp_path):
    entry = save(tmp_path, "churn", {}, KEY)
    trace = tmp_path / "it-ran"
    (tmp_path / entry.file).write_bytes(pickle.dumps(Bomb(trace)))
    with pytest.raises(CorruptGenerationError, match="altered") as error:
        load(tmp_path, [entry], "churn", KEY)
    assert "--train always" in str(error.value)
    assert not trace.exists()


def test_a_file_from_elsewhere_is_refused_even_with_a_matching_digest(tmp_path):
    trace = tmp_path / "it-ran"
    foreign = save(tmp_path, "churn", Bomb(trace), OTHER)
    with pytest.raises(CorruptGenerationError, match="not written by this installation"):
        load(tmp_path, [foreign], "churn", KEY)
    assert not trace.exists()


def test_one_model_cannot_pass_for_another(tmp_path):
    spend = save(tmp_path, "spend", {"is": "spend"}, KEY)
    posing = msgspec.structs.replace(spend, name="churn")
    with pytest.raises(CorruptGenerationError, match="not written by this installation"):
        load(tmp_path, [posing], "churn", KEY)


def test_a_text_cannot_pass_for_a_pickle(tmp_path):
    trace = tmp_path / "it-ran"
    entry = save(tmp_path, "churn", {}, KEY)
    posing = msgspec.structs.replace(entry, file="churn.joblib")
    (tmp_path / entry.file).rename(tmp_path / "churn.joblib")
    with pytest.raises(CorruptGenerationError, match="not written by this installation"):
        load(tmp_path, [posing], "churn", KEY)
    assert fault(posing, entry.sha256, KEY)
    assert fault(entry, entry.sha256, KEY) is None
    assert not trace.exists()


def test_a_path_in_the_manifest_cannot_leave_the_folder(tmp_path):
    outside = save(tmp_path, "churn", {}, KEY)
    inside = tmp_path / "models"
    inside.mkdir()
    wandering = msgspec.structs.replace(outside, file="../churn.joblib")
    with pytest.raises(CorruptGenerationError, match="missing"):
        load(inside, [wandering], "churn", KEY)
