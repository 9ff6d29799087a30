"""Write docs/reference/contested.md: what the rules find on our data, and what is contested.

contested.py            write the page
contested.py --check    fail when the page is not what the rules find now
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import relations
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.rdf.identifiers import slug_of
from mineralgraph.rdf.namespaces import MG, PROV
from mineralgraph.relations.rules import TYPES
from mineralgraph.relations.scope import label
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.view import Find

PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference" / "contested.md"
NOTICE: Final = (
    "<!-- Written by `tools/contested.py` from the data and the rules; do not edit. -->\n\n"
)
_ROLES: Final = ((MG.fromClaim, "from"), (MG.toClaim, "to"), (MG.relates, ""))


def page() -> str:
    """Return the page."""
    with EmbeddedStore() as store:
        store.load(relations.complete(compile_dataset().quads))
        find = store.quads
        nodes = {q.subject for q in find(None, MG.relationType, None, relations.RELATIONS)}
        found = sorted(
            (n for n in nodes if isinstance(n, NamedNode)), key=lambda n: _order(find, n)
        )
        parts = [_head(find, found), _families(find)]
        parts += [_section(find, kind, found) for kind in _shown()]
        parts.append(_rules(find, found))
    return "\n".join(parts)


def _shown() -> list[str]:
    """Return the types of relations in the order of interest."""
    return sorted(TYPES, key=("contradicts", "differs-in-scope", *TYPES).index)


def _one(find: Find, node: NamedNode, predicate: NamedNode) -> NamedNode | Literal:
    values = [q.object for q in find(node, predicate, None, relations.RELATIONS)]
    [value] = values
    assert isinstance(value, NamedNode | Literal)
    return value


def _type(find: Find, node: NamedNode) -> str:
    kind = _one(find, node, MG.relationType)
    return slug_of(kind) if isinstance(kind, NamedNode) else ""


def _order(find: Find, node: NamedNode) -> tuple[str, str, str]:
    thing = _one(find, node, MG.comparedThing)
    return _one(find, node, MG.rule).value, thing.value, node.value


def _head(find: Find, found: list[NamedNode]) -> str:
    count = Counter(_type(find, node) for node in found)
    plain = (
        f"The rules find {count['contradicts']} contradiction(s)."
        if count["contradicts"]
        else "**The articles hold no plain contradiction**: the rules find none."
    )
    rows = "".join(f"| {kind} | {count[kind]} |\n" for kind in _shown())
    return (
        f"# What is contested in this graph\n\n{plain} What they find is below. What the types "
        "mean, and how far\nto trust the rules, is said in "
        "[disagreement](../explanation/disagreement.md).\n\n"
        f"| relation | found |\n| --- | --- |\n{rows}"
    )


def _families(find: Find) -> str:
    groups: dict[str, list[str]] = {}
    for quad in find(None, MG.sourceFamily, None, relations.FAMILIES):
        if isinstance(quad.subject, NamedNode) and "/article/" in quad.subject.value:
            groups.setdefault(str(quad.object), []).append(slug_of(quad.subject))
    lines = "".join(f"- {', '.join(sorted(names))}\n" for _, names in sorted(groups.items()))
    return f"## Source families\n\n{lines}"


def _section(find: Find, kind: str, found: list[NamedNode]) -> str:
    title = kind.replace("-", " ").capitalize()
    own = [node for node in found if _type(find, node) == kind]
    if not own:
        return f"## {title}\n\nNone.\n"
    return f"## {title}\n\n" + "\n".join(_relation(find, node) for node in own)


def _relation(find: Find, node: NamedNode) -> str:
    thing, reason = _one(find, node, MG.comparedThing), _one(find, node, MG.reason).value
    name = label(find, thing) if isinstance(thing, NamedNode) else ""
    values = [q.object for q in find(node, MG.comparedValue, None, relations.RELATIONS)]
    value = "".join(f", {label(find, v)}" for v in values if isinstance(v, NamedNode))
    lines = [f"**{name}**{value} (`{_one(find, node, MG.rule).value}`): {reason}\n"]
    for predicate, role in _ROLES:
        for quad in sorted(find(node, predicate, None, relations.RELATIONS), key=str):
            lines.append(_claim(find, quad, role))
    return "\n".join(lines) + "\n"


def _claim(find: Find, quad: Quad, role: str) -> str:
    claim = quad.object
    assert isinstance(claim, NamedNode)
    gist = next(q.object for q in find(claim, MG.gist))
    article = next(q.object for q in find(claim, PROV.wasDerivedFrom))
    assert isinstance(gist, Literal)
    assert isinstance(article, NamedNode)
    side = f"{role}: " if role else ""
    return f"- {side}{gist.value} (`{slug_of(claim)}`, {slug_of(article)})"


def _rules(find: Find, found: list[NamedNode]) -> str:
    count = Counter(_one(find, node, MG.rule).value for node in found)
    rows = "".join(
        f"| `{rule.name}` | {rule.title} | {', '.join(rule.relations)} | {count[rule.name]} |\n"
        for rule in relations.load()
    )
    return (
        f"## The rules\n\n| rule | it finds | relation | here |\n| --- | --- | --- | --- |\n{rows}"
    )


def main() -> int:
    """Write the page, or check it."""
    text = NOTICE + page()
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/reference/contested.md is not current; run tools/contested.py")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
