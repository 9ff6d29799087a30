"""What an answer rests on: the claims and reference sets behind each row (why-provenance).

Enters: a SELECT or ASK query and a store. Leaves: the same rows, each with the triples that it
matched, the holders of each, and a list of what could not be traced. The engine is asked a
rewritten query; nothing of it is evaluated here. Open ``explain.py`` first, then ``annotate.py``.
"""

from mineralgraph.provenance.explain import Explained, explain
from mineralgraph.provenance.marked import write_marked
from mineralgraph.provenance.writing import write_explained

__all__ = ["Explained", "explain", "write_explained", "write_marked"]
