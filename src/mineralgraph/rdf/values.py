"""RDF terms as plain JSON values: one table for the service and its client."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

from mineralgraph.rdf.namespaces import XSD

Plain = str | int | float | bool | None

_INTEGERS: Final = frozenset(
    XSD[name].value
    for name in (
        "integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger",
        "nonPositiveInteger", "negativeInteger", "unsignedInt", "unsignedLong", "unsignedShort",
        "unsignedByte",
    )
)  # fmt: skip
_REALS: Final = frozenset(XSD[name].value for name in ("decimal", "double", "float"))
_BOOLEAN: Final = XSD.boolean.value
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
# Python reads more than XML Schema writes: 1_000, and the digits of every script.
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,4000}")
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def plain_literal(value: str, datatype: str | None) -> Plain:
    """Return a literal as a JSON value: numbers and booleans as such, the rest as text.

    An ill-typed literal stays text, and so do infinities, which JSON cannot write.
    """
    if datatype in _INTEGERS:
        return int(value) if _INTEGER.fullmatch(value) else value
    if datatype in _REALS:
        number = float(value) if _NUMBER.fullmatch(value) else math.inf
        if not math.isfinite(number):
            return value
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    return _TRUTH.get(value, value) if datatype == _BOOLEAN else value


def plain_binding(binding: Mapping[str, Any] | None) -> Plain:
    """Return a binding of the SPARQL JSON format as a JSON value; None where there is none."""
    if binding is None:
        return None
    kind, value = binding["type"], binding["value"]
    if kind in ("literal", "typed-literal"):
        return plain_literal(str(value), binding.get("datatype"))
    return f"_:{value}" if kind == "bnode" else str(value)
