"""Canned questions: what ``queries/*.rq`` holds, made ready to run.

A ``.rq`` file and the caller's parameters go in; SPARQL text comes out. Nothing here runs a
query or knows a store. Adding a file adds the question to the command line, to the API and to
its documentation. Open ``catalog.py`` first; ``queries/README.md`` describes the files.
"""

from mineralgraph.queries.catalog import Catalog, Query, load_catalog
from mineralgraph.queries.header import Parameter

__all__ = ["Catalog", "Parameter", "Query", "load_catalog"]
