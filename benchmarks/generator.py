# ruff: noqa: E501 - a template of triples stays on one line
"""Datasets in our model, of any size, from a seed: the same seed gives the same bytes.

``reference(size, seed)`` and ``article(number, size, seed)`` give documents in the authoring
form, as curators write them; ``dataset(articles, seed)`` gives them compiled. Everything in them
is invented, conforms to the shapes, and refers to the same few hundred entities, as news does.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pyoxigraph import Quad

from mineralgraph.intake import document as documents
from mineralgraph.intake.dataset import (
    ACCEPTED,
    Labels,
    complete,
    ontology_quads,
)
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import place_descriptions
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import prefixes
from mineralgraph.relations import families

ID = "https://w3id.org/mineralgraph/id/"
KINDS = {
    "ref": "graph", "article": "article", "claim": "claim", "person": "person",
    "org_": "organization", "post": "post", "mem": "membership", "place": "place",
    "event": "event", "part": "participation", "inst": "instrument", "offer": "offer",
    "sstep": "status-step", "mineral": "mineral", "link": "supply-link", "utt": "utterance",
    "view_": "assessment", "mod": "modality", "rev": "review-state", "evt": "event-type",
    "ity": "instrument-type", "role": "role", "step": "step", "act": "activity",
    "dbasis": "date-basis", "bound": "bound", "fin": "financing-type", "otype": "organization-type",
}  # fmt: skip
FIRST_DAY = date(2031, 1, 1)
START = "a mg:Claim ; prov:wasDerivedFrom"


@dataclass(frozen=True)
class Size:
    """How many entities of each kind the articles speak of."""

    articles: int

    @property
    def pool(self) -> int:
        """Entities of each kind: they grow with the root of the articles, as the news' do."""
        return 6 + int(self.articles**0.5) * 3


def prologue() -> str:
    """Return the PREFIX lines of every document."""
    spaces = {p: ns for p, ns in prefixes().items() if p not in KINDS}
    spaces |= {prefix: f"{ID}{kind}/" for prefix, kind in KINDS.items()}
    return "".join(f"PREFIX {p}: <{ns}>\n" for p, ns in sorted(spaces.items()))


def reference(size: Size, seed: int = 0) -> str:
    """Return the reference data as one document."""
    draw = random.Random(f"reference {seed}")
    lines = [
        'ref:generated a mg:ReferenceSet ; rdfs:label "Generated entities"@en ; '
        "prov:wasAttributedTo org_:press0 ; dcterms:source article:g0 ; mg:reviewState rev:accepted ."
    ]
    for n in range(size.pool):
        code = "".join(draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(2))
        lines += [
            f'place:land{n} a schema:Country ; rdfs:label "Land {n}"@en ; dcterms:identifier "{code}" .',
            f'place:town{n} a schema:City ; rdfs:label "Town {n}"@en ; schema:containedInPlace place:land{n} .',
            f'org_:gov{n} a mg:Government ; rdfs:label "Government {n}"@en ; mg:governs place:land{n} .',
            f'org_:press{n} a org:FormalOrganization ; rdfs:label "Press {n}"@en ; mg:orgType otype:media .',
            f'org_:bank{n} a org:FormalOrganization ; rdfs:label "Bank {n}"@en ; mg:orgType otype:bank .',
            f'post:post{n} a org:Post ; rdfs:label "Post {n}"@en ; org:postIn org_:gov{n} ; mg:singleSeat true .',
            f'person:who{n} a schema:Person ; rdfs:label "Person {n}"@en ; skos:altLabel "P. {n}"@en , "Р. {n}"@ru .',
            f'mineral:ore{n} a mg:Mineral , skos:Concept ; rdfs:label "Ore {n}"@en .',
        ]
    for n in range(size.pool * 2):
        lines += [
            f'event:meet{n} a mg:Event ; mg:eventType evt:meeting ; rdfs:label "Meeting {n}"@en .',
            f'inst:memo{n} a mg:Instrument ; mg:instrumentType ity:memorandum ; rdfs:label "Memo {n}"@en .',
            f'offer:loan{n} a mg:FinancingOffer ; rdfs:label "Loan {n}"@en .',
        ]
    return f"{prologue()}GRAPH ref:generated {{\n" + "\n".join(lines) + "\n}\n"


class _Writer:
    """Writes one article."""

    def __init__(self, number: int, size: Size, seed: int) -> None:
        self.name = f"g{number}"
        self.draw = random.Random(f"article {seed} {number}")
        self.size = size
        self.day = FIRST_DAY + timedelta(days=self.draw.randrange(0, 700))
        self.lines: list[str] = []
        self.claims = 0

    def one(self, prefix: str, times: int = 1) -> str:
        """Return an entity; the first ones are spoken of most."""
        count = self.size.pool * times
        return f"{prefix}{min(int(self.draw.paretovariate(0.7)) - 1, count - 1)}"

    def digest(self, text: str) -> str:
        return "sha256:" + hashlib.sha256(f"{self.name} {text}".encode()).hexdigest()

    def head(self) -> None:
        self.lines.append(
            f'article:{self.name} a schema:NewsArticle ; rdfs:label "Article {self.name}"@en ; '
            f"schema:url <https://example.org/{self.name}> ; schema:publisher {self.one('org_:press')} ; "
            f'schema:inLanguage "en" ; mg:publishedEdtf "{self.day}"^^edtf:EDTF ; '
            f'mg:dateBasis dbasis:page-metadata ; mg:textDigest "{self.digest("text")}" ; '
            "mg:textLength 9000 ."
        )

    def claim(self, asserted: str, modality: str = "held", more: str = "") -> None:
        number = self.claims
        self.claims += 1
        name, start = f"{self.name}-c{number}", number * 80 + self.draw.randrange(0, 40)
        end = start + self.draw.randrange(20, 70)
        self.lines.append(
            f"claim:{name} {START} article:{self.name} ; mg:modality mod:{modality} ; {more}"
            f'mg:evidence [ oa:start {start} ; oa:end {end} ; mg:spanDigest "{self.digest(name)}" ] ; '
            f'mg:gist "Claim {number} of {self.name} says so."@en .\nclaim:{name} {{ {asserted} }}'
        )

    def participation(self) -> None:
        event, person = self.one("event:meet", 2), self.one("person:who")
        key = f"{event[6:]}--{person[7:]}--attendee"
        self.claim(
            f"part:{key} a mg:Participation ; mg:inEvent {event} ; mg:participant {person} ; "
            "mg:role role:attendee ."
        )

    def membership(self) -> None:
        person, post = self.one("person:who"), self.one("post:post")
        self.claim(
            f"mem:{person[7:]}--{post[5:]} a org:Membership ; org:member {person} ; "
            f'org:post {post} ; mg:attestedAt [ mg:edtf "{self.day}"^^edtf:EDTF ] .'
        )

    def told(self, usual: int, otherwise: int) -> int:
        """Return what the article tells of something: one in ten tells it otherwise."""
        return usual if self.draw.random() < 0.9 else otherwise

    def event(self) -> None:
        event = self.one("event:meet", 2)
        number = int(event[10:])
        held = FIRST_DAY + timedelta(days=self.told(number * 7, number * 7 + 1) % 700)
        self.claim(
            f"{event} a mg:Event ; mg:eventType evt:meeting ; "
            f"schema:location place:town{self.told(number, number + 1) % self.size.pool} ; "
            f'mg:when [ mg:edtf "{held}"^^edtf:EDTF ] .',
            modality="planned" if held > self.day else "held",
        )

    def offer(self) -> None:
        offer = self.one("offer:loan", 2)
        # Most articles give the same figure of one offer, some another.
        millions = 10 + int(offer[10:]) % 90 + self.draw.choice((0, 0, 0, 5, 10))
        maker = f"org_:bank{int(offer[10:]) % self.size.pool}"
        self.claim(
            f"{offer} a mg:FinancingOffer ; mg:offeredBy {maker} ; "
            "mg:financingType fin:loan ; mg:leavesOpen mg:beneficiary ; mg:amount "
            f'[ schema:currency "USD" ; schema:maxValue {millions}000000 ] .'
        )

    def step(self) -> None:
        thing = self.one("inst:memo", 2)
        self.claim(
            f"sstep:{thing[5:]}--signed a mg:StatusStep ; mg:stepOf {thing} ; mg:status step:signed ; "
            f'mg:when [ mg:edtf "{self.day - timedelta(days=3)}"^^edtf:EDTF ] .'
        )

    def supply(self) -> None:
        land, ore = self.one("place:land"), self.one("mineral:ore")
        self.claim(
            f"link:{land[6:]}--{ore[8:]}--supply a mg:SupplyLink ; mg:actor {land} ; "
            f"mg:mineral {ore} ; mg:activity act:supply ."
        )

    def count(self) -> None:
        self.claim(
            f"[ a mg:Count ; mg:count {self.draw.randrange(2, 99)} ; mg:bound bound:more-than ; "
            f'mg:counts "companies"@en ; mg:quantityOf {self.one("event:meet", 2)} ] .',
            modality="planned",
        )

    def utterance(self) -> None:
        person = self.one("person:who")
        self.claim(
            f"utt:{self.name}-u{self.claims} a mg:Utterance ; mg:saidBy {person} ; "
            f'mg:topic {self.one("mineral:ore")} ; mg:content "It was said so."@en .',
            more=f"mg:speaker {person} ; ",
        )

    def assessment(self) -> None:
        self.claim(
            f"view_:{self.name}-v{self.claims} a mg:Assessment ; mg:topic {self.one('person:who')} ; "
            'mg:content "It matters."@en .',
            modality="opinion",
        )


def article(number: int, size: Size, seed: int = 0, claims: int = 10) -> str:
    """Return one article with its claims as a document; ten claims make some 300 triples."""
    writer = _Writer(number, size, seed)
    writer.head()
    kinds: list[Callable[[], None]] = [
        writer.participation, writer.membership, writer.event, writer.offer, writer.step,
        writer.supply, writer.count, writer.utterance, writer.assessment, writer.participation,
    ]  # fmt: skip
    for n in range(claims):
        kinds[n % len(kinds)]()
    return prologue() + "\n".join(writer.lines) + "\n"


def compiled(text: str, known: Labels) -> list[Quad]:
    """Compile one document to the dataset's own form."""
    document = documents.read(text.encode(), "trig", "generated")
    return complete(place_descriptions(document, expand(document)), ACCEPTED, known)


def known_labels(size: Size, seed: int = 0) -> Labels:
    """Return what the claims' derived statements need of the rest."""
    return Labels().extended([*ontology_quads(), *compiled(reference(size, seed), Labels())])


def dataset(articles: int, seed: int = 0, claims: int = 10) -> Iterator[Quad]:
    """Yield a whole dataset: ontology, reference data, articles."""
    size = Size(articles)
    yield from ontology_quads()
    yield from compiled(reference(size, seed), Labels())
    known = known_labels(size, seed)
    own = {}
    for number in range(articles):
        yield from compiled(article(number, size, seed, claims), known)
        node = mint("article", f"g{number}")
        own[node] = node  # no article draws on another: each is a source family of its own
    yield from families.as_quads(own)
