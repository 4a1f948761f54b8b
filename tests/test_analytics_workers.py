"""What threads that fit at once leave to be read."""

import warnings

from analytics.workers import at_once

OF_FORESTS = (
    "`sklearn.utils.parallel.delayed` should be used with `sklearn.utils.parallel.Parallel` to make"
    " it possible"
)


def test_threads_say_nothing_of_filters_and_everything_else(monkeypatch):
    told = []
    with warnings.catch_warnings():
        warnings.resetwarnings()
        monkeypatch.setattr(warnings, "showwarning", lambda message, *where: told.append(message))
        with at_once(2) as pool:
            for words in (OF_FORESTS, "the model did not converge"):
                pool.submit(warnings.warn, words).result()
    assert [str(message) for message in told] == ["the model did not converge"]
