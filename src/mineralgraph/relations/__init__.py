"""How claims stand to each other: found by rules, kept in step with every write.

::

    a change ─► scope (what it touches) ─► rules (queries/derive/*.rq on a scratch store) ─► quads

Relations stand in ``RELATIONS`` and source families in ``FAMILIES``; both graphs are derived
whole and no one writes them by hand. Curators' verdicts stand in ``REVIEWS`` and are never
derived. Three ways in: ``complete`` for a dataset that is being built, ``extended`` for a write
to a store, ``renewed`` for a store that was filled without relations or with older rules.
``docs/explanation/disagreement.md`` says what the rules mean.
"""

from mineralgraph.relations.deriving import complete, derive, extended, renewed
from mineralgraph.relations.reviews import Verdict, review
from mineralgraph.relations.rules import Rule, load
from mineralgraph.relations.terms import DERIVED, FAMILIES, RELATIONS, REVIEWS

__all__ = [
    "DERIVED",
    "FAMILIES",
    "RELATIONS",
    "REVIEWS",
    "Rule",
    "Verdict",
    "complete",
    "derive",
    "extended",
    "load",
    "renewed",
    "review",
]
