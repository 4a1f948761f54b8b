"""How figures travel to plotly.js: numbers as base64 typed arrays, text never as markup."""

import base64
import html
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Dtype = Literal["f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"]
Encoded = dict[str, str]
Figure = dict[str, Any]


def numbers(values: npt.ArrayLike, dtype: Dtype = "f4") -> Encoded:
    """``values`` as a typed array that plotly.js decodes without parsing.

    Parameters
    ----------
    values : one or two dimensions. NULL and NaN must be floats and stay gaps.
    dtype : ``f4`` holds seven digits; money that is read off a hover needs ``f8``.

    Returns
    -------
    ``{"dtype", "bdata"}``, and ``"shape"`` for two dimensions.
    """
    array = np.ascontiguousarray(np.asarray(values, dtype=np.dtype(dtype).newbyteorder("<")))
    encoded = {"dtype": dtype, "bdata": base64.b64encode(array.tobytes()).decode("ascii")}
    if array.ndim == 2:
        encoded["shape"] = f"{array.shape[0]}, {array.shape[1]}"
    return encoded


def decode(encoded: Encoded) -> npt.NDArray[Any]:
    """The array that :func:`numbers` encoded; for tests and for tables beside figures."""
    raw = base64.b64decode(encoded["bdata"])
    array = np.frombuffer(raw, dtype=np.dtype(encoded["dtype"]).newbyteorder("<"))
    if "shape" not in encoded:
        return array
    rows, columns = (int(part) for part in encoded["shape"].split(","))
    return array.reshape(rows, columns)


def days(values: Iterable[date | datetime]) -> list[str]:
    """Days as ISO text, the form that plotly's date axes read without a time zone."""
    return [value.isoformat() for value in values]


def label(text: object) -> str:
    """Text of the data for a figure: plotly renders some HTML, a merchant's name must not."""
    return html.escape(str(text), quote=False)
