"""The people of the synthetic shop: names, contact details, what they agreed to.

Everybody is invented. E-mail addresses lie in example.org and telephone numbers in a block that is
kept free for films, so a list exported by mistake reaches nobody.
"""

import unicodedata
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd

T = TypeVar("T")


class City(NamedTuple):
    """A city, its country, and how many customers live there compared with the others."""

    name: str
    country: str
    weight: float


CITIES = (
    City("Berlin", "Germany", 17), City("Hamburg", "Germany", 10), City("München", "Germany", 9),
    City("Köln", "Germany", 8), City("Frankfurt am Main", "Germany", 6),
    City("Stuttgart", "Germany", 5), City("Düsseldorf", "Germany", 5),
    City("Leipzig", "Germany", 5), City("Dresden", "Germany", 4), City("Bremen", "Germany", 4),
    City("Hannover", "Germany", 4), City("Nürnberg", "Germany", 3), City("Potsdam", "Germany", 3),
    City("Freiburg im Breisgau", "Germany", 2), City("Münster", "Germany", 2),
    City("Rostock", "Germany", 2), City("Wien", "Austria", 6), City("Graz", "Austria", 2),
    City("Salzburg", "Austria", 1), City("Zürich", "Switzerland", 2),
)  # fmt: skip


def _words(text: str) -> list[str]:
    return text.split()


_WOMEN = _words("""
    Mira Selin Greta Annika Katharina Johanna Lena Marlene Frieda Charlotte Antonia Amelie Zeynep
    Helena Ronja Svenja Theresa Paula Clara Ida Nele Emilia Franziska Magdalena Elif Jasmin Olivia
    Karolina Agnieszka Birgit Gudrun Ingrid Sabine Heike Petra Cornelia Dörte Anneliese Käthe
    Leonie Mathilda Aylin Giulia Ioana Nadja Oksana Thi-Lan Anne-Sophie Marie-Luise Eva-Maria
""")
_MEN = _words("""
    Jonas Tobias Lukas Emil Matteo Felix Anton Julian Moritz Oskar Konrad Hannes Friedrich Cem
    Valentin Bartholomäus Maximilian Leopold Henrik Sören Jörg Jürgen Günther Rüdiger Uwe Bernd
    Detlef Wolfgang Klaus Heinz-Peter Karl-Heinz Hans-Jürgen Piotr Tomasz Mehmet Emre Yusuf Marko
    Luca Andrei Dmitri Minh Nils Lasse Till Ruben Samuel Gregor Benedikt Ole
""")
_FAMILIES = _words("""
    Ostermann Falkenberg Reuter Aydın Hoffmann Sommerfeld Brandt Lindner Vogt Schäfer Krämer Böhm
    Köhler Weiß Groß Jäger Möller Schröder Krüger Büttner Hübner Löffler Bäcker Steinmetz Winkler
    Albrecht Engelhardt Wagenknecht Rosenthal Birnbaum Kirchner Lehmann Petersen Hansen Clausen
    Thomsen Nowak Kowalczyk Wójcik Yılmaz Demir Kaya Çelik Nguyen Tran Rossi Ferrari Novák Horvat
    Petrović Ionescu Melnyk Schwarzenbacher Oberhauser Unterberger Hinterseer Gruber Steiner Huber
    Zimmermann Schumacher Wiesner Hartwig Dietrich Ackermann Baumgartner Fiedler Seidel Pohl Kuhn
    Arnold Haas Simon Ludwig Busch Horn Bergmann Pfeiffer Sauer Franke Beck Voigt Roth Lorenz
""")
_LONG_FAMILIES = (
    "von und zu Hohenfels-Waldstetten", "Lautenschläger-Schnabelberger", "van den Heuvel",
    "von Rotenstein", "Oberwiesenthaler-Großkopf", "de la Croix", "O'Sullivan",
    "D'Angelo", "Wolfsbüttel-Hausenberger", "Unterkircher-Schönwälder",
)  # fmt: skip
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ı": "i", "ł": "l"})


def city_shares() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Share of the customers in each of ``CITIES``; sums to 1."""
    weights = np.array([city.weight for city in CITIES])
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _mailbox(name: str) -> str:
    """``name`` in the letters of an e-mail address: Jörg Weiß -> joerg.weiss."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    kept = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in " -"))
    return ".".join(kept.split())


def _names(rng: np.random.Generator, count: int) -> tuple[list[str], list[str | None]]:
    """Names, and genders of which a few are not known."""
    kind = rng.choice(3, size=count, p=[0.56, 0.43, 0.01])
    women, men = rng.integers(len(_WOMEN), size=count), rng.integers(len(_MEN), size=count)
    families = rng.integers(len(_FAMILIES), size=(count, 2))
    long = rng.integers(len(_LONG_FAMILIES), size=count)
    form = rng.random(count)
    names = []
    for i in range(count):
        is_woman = kind[i] == 0 or (kind[i] == 2 and women[i] % 2 == 0)
        first = _WOMEN[women[i]] if is_woman else _MEN[men[i]]
        family = _FAMILIES[families[i, 0]]
        if form[i] < 0.012:
            family = _LONG_FAMILIES[long[i]]
        elif form[i] < 0.07:
            family = f"{family}-{_FAMILIES[families[i, 1]]}"
        names.append(f"{first} {family}")
    words = ("female", "male", "diverse")
    unknown = rng.random(count) < 0.03
    return names, [None if unknown[i] else words[kind[i]] for i in range(count)]


def _addresses(names: list[str]) -> list[str]:
    """One address each; people of the same name are numbered."""
    seen: dict[str, int] = {}
    addresses = []
    for name in names:
        box = _mailbox(name)
        seen[box] = seen.get(box, 0) + 1
        number = "" if seen[box] == 1 else str(seen[box])
        addresses.append(f"{box}{number}@example.org")
    return addresses


def _except(
    missing: np.ndarray[tuple[int], np.dtype[np.bool_]], values: Sequence[T]
) -> list[T | None]:
    """``values``, None where one is missing."""
    return [None if gone else value for gone, value in zip(missing, values, strict=True)]


def draw_people(
    rng: np.random.Generator,
    city: np.ndarray[tuple[int], np.dtype[np.int64]],
    loyalty: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> pd.DataFrame:
    """Invent one person per element of ``city``.

    Parameters
    ----------
    rng : source of all randomness.
    city : index into ``CITIES`` of where each lives.
    loyalty : in [0, 1], how often each buys; who buys often agrees to marketing more often.

    Returns
    -------
    DataFrame with the columns of the customers file, in the order of ``city``. Missing values are
    None, as in a real file: 4 % have no e-mail address, 6 % no age.
    """
    count = len(city)
    names, genders = _names(rng, count)
    addresses = _addresses(names)
    age = np.clip(np.round(rng.gamma(9.0, 5.1, count)), 18, 88).astype(np.int64)
    no_mail, no_age = rng.random(count) < 0.04, rng.random(count) < 0.06
    has_phone, unasked = rng.random(count) < 0.58, rng.random(count) < 0.02
    agrees = rng.random(count) < 0.68 + 0.2 * loyalty
    suppressed = rng.random(count) < 0.015
    phones = [f"+49 30 23125 {i % 1000:03d}" for i in range(count)]
    return pd.DataFrame(
        {
            "customer_id": [f"C-{i + 1:06d}" for i in range(count)],
            "name": names,
            "email": _except(no_mail, addresses),
            "phone": _except(~has_phone, phones),
            "age": pd.array(_except(no_age, age.tolist()), "Int64"),
            "gender": genders,
            "city": [CITIES[i].name for i in city],
            "country": [CITIES[i].country for i in city],
            "consent": pd.array(_except(unasked, agrees.tolist()), "boolean"),
            "suppressed": suppressed,
        }
    )
