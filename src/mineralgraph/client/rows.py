"""The rows of an answer; further pages are fetched when iteration gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mineralgraph.errors import InputError
from mineralgraph.rdf.values import Plain

if TYPE_CHECKING:
    import pandas

Row = Mapping[str, Plain]
Fetch = Callable[[str], Mapping[str, Any]]


class Rows:
    """Rows by column name, in the order of the query.

    Iterating again starts again, without asking the service twice for the same page.

    Attributes:
        columns: the columns in order.
        version: the dataset version of all rows; pages of two versions never mix.
        permalink: the address of this very answer, for as long as its version is kept; None
            where it has none.
        total: the number of rows on all pages; None until the service has told it, which it
            does with the last page.
        about: what else the service says of the answer: with sources the claims in them, on a
            day how many rows have no date. Of the first page.
    """

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[Row],
        version: str = "",
        following: str | None = None,
        fetch: Fetch | None = None,
        *,
        permalink: str | None = None,
        total: int | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Take the first page.

        Args:
            columns: the columns in order.
            rows: rows of the first page.
            version: the dataset version.
            following: address of the next page, if there is one.
            fetch: gets a page by its address.
            permalink: see the class.
            total: see the class.
            about: see the class.
        """
        self.columns = tuple(columns)
        self.version = version
        self.permalink = permalink
        self.total = total
        self.about = dict(about or {})
        self._rows = list(rows)
        self._following = following
        self._fetch = fetch

    def __iter__(self) -> Iterator[Row]:
        number = 0
        while True:
            while number < len(self._rows):
                yield self._rows[number]
                number += 1
            if not self._more():
                return

    def _more(self) -> bool:
        """Fetch the next page; False at the end."""
        if self._following is None or self._fetch is None:
            return False
        page = self._fetch(self._following)
        self._rows += page["rows"]
        self._following = page["links"]["next"]
        self.total = page.get("total")
        return True

    def all(self) -> list[Row]:
        """Return all rows, of all pages."""
        return list(self)

    def first(self) -> Row | None:
        """Return the first row, or None where there is none."""
        return next(iter(self), None)

    def frame(self) -> pandas.DataFrame:
        """Return all rows as a pandas data frame.

        Raises:
            InputError: when pandas is not installed; nothing else here needs it.
        """
        try:
            import pandas  # noqa: PLC0415  (optional)
        except ImportError as error:
            raise InputError("pandas is not installed", hint="pip install pandas") from error
        return pandas.DataFrame(self.all(), columns=list(self.columns))

    def __repr__(self) -> str:
        known = len(self._rows)
        return f"<Rows {', '.join(self.columns)}: {known}{'+' if self._following else ''} rows>"
