"""SPARQL JSON terms as plain Python values, the way the service writes its own JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

Value = str | int | float | bool | None

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"
_INTEGERS: Final = frozenset(
    _XSD + name
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort",
        "unsignedByte",
    )
)  # fmt: skip
_REALS: Final = frozenset(_XSD + name for name in ("decimal", "double", "float"))
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def plain(term: Mapping[str, Any] | None) -> Value:
    """Return the value of a term: numbers and booleans as such, the rest as text.

    A number that is ill typed or not finite stays text; an unbound variable is None.
    """
    if term is None:
        return None
    text = str(term["value"])
    kind = term.get("datatype")
    try:
        if kind in _INTEGERS:
            return int(text)
        if kind in _REALS:
            number = float(text)
            if not math.isfinite(number):
                return text
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
    except ValueError:
        return text
    return _BOOLEANS.get(text, text) if kind == _XSD + "boolean" else text
