"""A small Python client of a running service: canned queries, SPARQL, claims and their sources.

>>> from mineralgraph.client import Client
>>> graph = Client("http://127.0.0.1:8000")
>>> for row in graph.canned("persons-and-posts", person="kosherbayev"):
...     print(row["postLabel"], row["claim"])

Pages follow by themselves; what goes wrong is raised as the error of ``mineralgraph.errors``
that the service names. Open ``client.py`` first.
"""

from mineralgraph.client.client import Client
from mineralgraph.client.rows import Rows

__all__ = ["Client", "Rows"]
