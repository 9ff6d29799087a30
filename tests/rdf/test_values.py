"""Terms as JSON values: what is a number there, and what stays text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mineralgraph.rdf.namespaces import XSD
from mineralgraph.rdf.values import plain_binding, plain_literal


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "7", 7), ("integer", "x", "x"), ("integer", "1_000", "1_000"),
        ("integer", "٣", "٣"), ("long", "-90000000000000000000", -90000000000000000000),
        ("decimal", "1.50", 1.5), ("decimal", ".5", 0.5), ("double", "2.0", 2),
        ("double", "1e400", "1e400"), ("double", "INF", "INF"), ("double", "nan", "nan"),
        ("float", "1_0.5", "1_0.5"), ("boolean", "1", True), ("boolean", "yes", "yes"),
        ("date", "2026-02-04", "2026-02-04"),
    ],
)  # fmt: skip
def test_plain_values(kind: str, text: str, value: object) -> None:
    found = plain_binding({"type": "literal", "value": text, "datatype": XSD[kind].value})
    assert found == value
    assert type(found) is type(value)


def test_other_terms() -> None:
    assert plain_binding(None) is None
    assert plain_binding({"type": "uri", "value": "urn:a"}) == "urn:a"
    assert plain_binding({"type": "bnode", "value": "b0"}) == "_:b0"
    assert plain_binding({"type": "literal", "value": "7", "xml:lang": "en"}) == "7"
    assert plain_binding({"type": "literal", "value": "7"}) == "7"


@given(st.text(), st.sampled_from(["integer", "decimal", "double", "boolean", "string"]))
def test_any_literal_can_be_written_as_json(text: str, kind: str) -> None:
    value = plain_literal(text, XSD[kind].value)
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert isinstance(value, str | int | float)
