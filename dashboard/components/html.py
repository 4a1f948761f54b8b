"""Elements of HTML as the browser reads them: dictionaries, named like Dash's classes.

A view has hundreds of them. Dash's classes check every argument of each and are written as such
dictionaries in the end; that took longer than the questions to the warehouse. Whether an element
has the properties that Dash knows is tested instead.
"""

from typing import Any, ClassVar


class Element(dict[str, Any]):
    """One element.

    Parameters
    ----------
    children : text, elements, or a list of both.
    properties : ``className``, ``style``, ``aria-label`` ... as Dash's classes take them.
    """

    kind: ClassVar[str] = ""

    def __init__(self, children: object = None, **properties: object) -> None:
        properties["children"] = children
        super().__init__(props=properties, type=self.kind, namespace="dash_html_components")

    def __init_subclass__(cls) -> None:
        cls.kind = cls.__name__

    def to_plotly_json(self) -> dict[str, Any]:
        """What it is already; Dash asks its own classes for it."""
        return self

    @property
    def props(self) -> dict[str, Any]:
        """Children and properties."""
        found: dict[str, Any] = self["props"]
        return found


class A(Element):
    """A link."""


class B(Element):
    """Words that stand out."""


class Button(Element):
    """Something to press."""


class Caption(Element):
    """The title of a table."""


class Div(Element):
    """A block."""


class I(Element):  # noqa: E742 - HTML calls it so
    """A drawing: icon, swatch, part of a bar."""


class Li(Element):
    """An item of a list."""


class P(Element):
    """A paragraph."""


class Span(Element):
    """A piece of a line."""


class Table(Element):
    """A table."""


class Tbody(Element):
    """The rows of a table."""


class Td(Element):
    """A cell."""


class Tfoot(Element):
    """The last rows of a table: totals."""


class Th(Element):
    """A cell that names its row or column."""


class Thead(Element):
    """The head of a table."""


class Tr(Element):
    """A row."""


class Ul(Element):
    """A list."""
