"""The OpenAPI document against the service: no 5xx, no answer that is not declared.

Bounded: a few generated cases for each operation, the same ones in every run. The operations
are listed from an application without data, which has the same routes.

A refusal of what its schema allows is no fault here: no schema says which text is SPARQL, which
slug exists, or which dataset version is served. Such refusals must be declared answers all the
same, and what a schema forbids must be refused.
"""

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mineralgraph.api import create_app
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.settings import Settings
from mineralgraph.store.embedded import EmbeddedStore

CASES = 10


def operations() -> list[tuple[str, str]]:
    with EmbeddedStore() as empty:
        paths = create_app(Settings(), InlineRunner(empty)).openapi()["paths"]
    return [(path, method.upper()) for path, item in paths.items() for method in item]


@pytest.fixture(scope="module")
def described(app: FastAPI) -> BaseSchema:
    return schemathesis.openapi.from_asgi("/openapi.json", app)


def test_the_document_is_openapi(described: BaseSchema) -> None:
    described.validate()


@pytest.mark.parametrize(("path", "method"), operations())
def test_the_operation_keeps_to_its_description(
    described: BaseSchema, path: str, method: str
) -> None:
    @settings(
        max_examples=CASES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[path][method].as_strategy())
    def check(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    check()
