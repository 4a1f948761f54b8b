"""What the synthetic shop sells: categories with their seasons, priced products of merchants."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


class Category(NamedTuple):
    """One category.

    ``price`` is the median price in currency, ``spread`` the deviation of its logarithm.
    ``bulk`` is the probability that a line has more than one unit, ``returns`` that it comes back.
    ``season`` is demand from January to December, 5 is an ordinary month. ``things`` are listed
    from cheap to dear.
    """

    name: str
    merchants: tuple[str, ...]
    price: float
    spread: float
    bulk: float
    returns: float
    season: str
    adjectives: str
    things: str


CATEGORIES = (
    Category(
        "Home & Living", ("Kaufhaus West", "Wohnwerk", "Birke & Söhne"), 29.0, 0.75, 0.15, 0.03,
        "544445555677", "Oak Linen Walnut Brass Stoneware Woollen",
        "candle holder,cushion cover,serving bowl,vase,throw,table lamp,wall shelf,side table",
    ),
    Category(
        "Electronics", ("Volt & Watt", "Kaufhaus West", "TechnikLaden 24"), 69.0, 0.85, 0.05, 0.06,
        "554444445597", "Compact Wireless Foldable Smart",
        "charger,power bank,camera bag,desk lamp,webcam,keyboard,headphones,loudspeaker,e-reader",
    ),
    Category(
        "Shoes", ("Schuhhaus Lindner", "Fersengold"), 62.0, 0.45, 0.02, 0.11,
        "445664445665", "Leather Canvas Suede Waterproof",
        "slippers,sandals,sneakers,loafers,running shoes,ankle boots,hiking boots",
    ),
    Category(
        "Clothing", ("Modehaus Sommerfeld", "Nordhafen Textil", "Zweite Haut"), 38.0, 0.55, 0.06,
        0.10, "645655456667", "Cotton Merino Denim Flannel Recycled",
        "scarf,shirt,polo neck,chinos,jeans,dress,cardigan,rain jacket",
    ),
    Category(
        "Groceries", ("Nordhafen Markt", "Alpen & Co", "Feinkost Böhm"), 7.5, 0.55, 0.45, 0.005,
        "555555555568", "Organic Smoked Wild Roasted Alpine",
        "pasta,dark chocolate,muesli,tea,honey,mountain cheese,coffee beans,olive oil",
    ),
    Category(
        "Books", ("Buchhandlung am Markt", "Lesezeit"), 15.0, 0.4, 0.1, 0.01,
        "655444555569", "Illustrated New Annotated Pocket",
        "crime novel,picture book,poetry collection,travel guide,biography,cookery book,atlas",
    ),
    Category(
        "Garden", ("Grünzeug", "Alpen & Co"), 24.0, 0.8, 0.25, 0.02,
        "114898765422", "Terracotta Galvanised Hardy Folding",
        "herb set,plant pot,watering can,pruning shears,bird house,hammock,garden chair",
    ),
    Category(
        "Toys", ("Spielkiste", "Kaufhaus West"), 22.0, 0.6, 0.12, 0.03,
        "444444444579", "Wooden Magnetic Plush Musical",
        "puzzle,kite,board game,building blocks,marble run,train set,doll's house",
    ),
    Category(
        "Beauty & Care", ("Apotheke zum Löwen", "Seifenmanufaktur"), 14.0, 0.5, 0.3, 0.01,
        "555555555567", "Lavender Unscented Rosemary Sea-salt",
        "lip balm,shaving soap,deodorant,shampoo bar,hand cream,bath salts,face oil",
    ),
    Category(
        "Sports", ("Bergauf", "Fersengold"), 44.0, 0.7, 0.06, 0.05,
        "754566655445", "Lightweight Insulated Packable Reflective",
        "water bottle,cycling gloves,yoga mat,head torch,trekking poles,rucksack,sleeping bag",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Goods:
    """The assortment: one element a product in every array, by category and then by price.

    ``cents`` is the list price. ``reach`` is, within each category, the cumulative share of sales
    plus the category's number: ``searchsorted(reach, category + u)`` draws a product.
    """

    product_id: tuple[str, ...]
    product: tuple[str, ...]
    merchant: tuple[str, ...]
    category: Ints
    cents: Ints
    reach: Floats

    def draw(self, category: Ints, u: Floats) -> Ints:
        """Products of these categories; ``u`` in [0, 1) is how dear they are."""
        return np.minimum(
            np.searchsorted(self.reach, category + u, side="right"), len(self.product) - 1
        ).astype(np.int64)


def draw_goods(rng: np.random.Generator) -> Goods:
    """Put prices on the products and share them out among the merchants."""
    ids, names, merchants, numbers = [], [], [], []
    cents, reach = [], []
    for number, category in enumerate(CATEGORIES):
        adjectives, things = category.adjectives.split(), category.things.split(",")
        products = [f"{adjective} {thing}" for thing in things for adjective in adjectives]
        count = len(products)
        dearness = np.repeat(np.arange(len(things)), len(adjectives)) + rng.normal(size=count)
        prices = np.sort(np.exp(np.log(category.price) + category.spread * rng.normal(size=count)))
        # Prices end in .90, as on real price tags, and stay above a euro.
        cents.append(np.maximum(np.floor(prices), 1).astype(np.int64) * 100 + 90)
        popularity = rng.gamma(0.8, size=count) + 0.1
        reach.append(number + np.cumsum(popularity) / popularity.sum())
        for place, product in enumerate(np.argsort(dearness)):
            ids.append(f"P{number:02d}{place:03d}")
            names.append(products[product])
            merchants.append(category.merchants[int(rng.integers(len(category.merchants)))])
            numbers.append(number)
    return Goods(
        tuple(ids), tuple(names), tuple(merchants), np.array(numbers, dtype=np.int64),
        np.concatenate(cents), np.concatenate(reach),
    )  # fmt: skip


def season_reach() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Cumulative share of each category in each month; shape (12, categories)."""
    demand = np.array([[int(digit) for digit in c.season] for c in CATEGORIES], dtype=np.float64).T
    shares = demand / demand.sum(axis=1, keepdims=True)
    return np.asarray(np.cumsum(shares, axis=1))
