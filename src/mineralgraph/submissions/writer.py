"""The one writer of a store that is being served.

Writes come one after another (``_lock``). Each is planned, judged, made in one atomic step with
its record, and published to the query processes; until then every reader sees the former state
whole. A write that has begun is finished even if its sender has left.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode

from mineralgraph import pipeline
from mineralgraph.errors import Forbidden
from mineralgraph.gate.report import Report
from mineralgraph.intake import document as documents
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.limits import SERVICE
from mineralgraph.pipeline import audit
from mineralgraph.pipeline.audit import Clock, Record, Written
from mineralgraph.rdf.identifiers import split
from mineralgraph.settings import Gate
from mineralgraph.store.base import Applied, Change, Store
from mineralgraph.submissions import claims, content, merging, relating, requests, withdrawal
from mineralgraph.submissions.merging import Rewriting
from mineralgraph.submissions.requests import Asking, Outcome
from mineralgraph.submissions.tokens import Scope
from mineralgraph.submissions.withdrawal import Withdrawal

Publish = Callable[[Applied], Awaitable[None]]


async def _nobody(_: Applied) -> None:
    """Publish to nobody: readers look at the store itself."""


@dataclass(frozen=True)
class Planned:
    """A write that is planned and judged, but not made."""

    change: Change
    report: Report
    record: Record
    location: str | None = None


class Writer:
    """Makes the writes; see the module."""

    def __init__(
        self,
        store: Store,
        corpus: Corpus,
        gate: Gate = Gate.ENFORCE,
        *,
        publish: Publish = _nobody,
        clock: Clock = audit.now,
    ) -> None:
        """Take the store that is being served.

        Args:
            store: the store; nobody else writes to it.
            corpus: the texts at hand, for checking spans.
            gate: what to do with violations.
            publish: lets readers see a change.
            clock: tells the time for the record.
        """
        self.store = store
        self.gate = gate
        self._corpus = corpus
        self._publish = publish
        self._clock = clock
        self._lock = asyncio.Lock()

    async def submit(
        self, asking: Asking, data: bytes, form: str, *, replacing: bool = False
    ) -> Outcome:
        """Take claims, articles and reference entities in.

        Args:
            asking: who asks, and on what condition.
            data: the document.
            form: name of its syntax.
            replacing: whether claims of the same article that it does not hold go.

        Raises:
            Forbidden: when the token may not do that.
            RdfSyntaxError: when the document does not parse (line, column).
            TooLarge: when it is over a limit.
            AuthoringError: when it cannot become claims (line).
            GateRefused: when it has violations; nothing was written.
            Conflict: when it replaces a withdrawn claim.
            StaleVersion: when If-Match names another version.
            KeyReused: when the Idempotency-Key came with another request.
        """
        require(asking, Scope.SUBMIT)

        def plan() -> Planned:
            document = documents.read(data, form, limits=SERVICE)
            at = self._clock()
            going = Withdrawal(
                withdrawal.basis_of("curation-error"), content.REPLACED, at, asking.token.name
            )
            planned = content.plan(
                document, self.store, asking.token, replacing=replacing, withdrawal=going
            )
            report = pipeline.judge_change(
                self.store,
                planned.change,
                self._corpus,
                given=planned.given,
                place=lambda node: _place(document, node),
            )
            record = Record("submission", asking.token.name, at, planned.touches)
            return Planned(planned.change, report, record, _page(planned.touches or planned.claims))

        return await self.make(asking, plan)

    async def withdraw(
        self, asking: Asking, slug: str, reason: str, basis: object, retracted: object = None
    ) -> Outcome:
        """Take a claim back; it stays citable.

        Args:
            asking: who asks, and on what condition.
            slug: the last part of the claim's IRI.
            reason: why, in one sentence.
            basis: a code of the list ``withdrawal-basis``.
            retracted: the day on which the source took it back (YYYY-MM-DD); None if not known.

        Raises:
            Forbidden: when the token may not do that.
            NotFound: when there is no such claim.
            Conflict: when it is withdrawn already.
            BadParameter: when the basis is not in its code list, or the day does not fit.
        """
        require(asking, Scope.WITHDRAW)

        def plan() -> Planned:
            known, at = claims.get(self.store, slug), self._clock()
            ground = withdrawal.basis_of(basis)
            day = withdrawal.retraction_day(retracted, ground, at)
            taken = Withdrawal(ground, reason, at, asking.token.name, day)
            change = taken.change(known)
            report = pipeline.judge_record(self.store, change, taken.record(known))
            touches = frozenset({known.claim})
            record = Record("withdrawal", asking.token.name, at, touches, reason)
            return Planned(change, report, record, f"/claims/{slug}")

        return await self.make(asking, plan)

    async def review(self, asking: Asking, slug: str, decision: str, reason: str) -> Outcome:
        """Accept or reject a submitted claim.

        Raises:
            Forbidden: when the token may not do that.
            NotFound: when there is no such claim.
            Conflict: when it waits for no such decision.
            GateRefused: when it is to be accepted and has violations.
        """
        require(asking, Scope.ADMIN)

        def plan() -> Planned:
            known = claims.get(self.store, slug)
            change = withdrawal.decide(self.store, known, decision)
            if decision == "accept":
                kind = "acceptance"
                report = pipeline.judge_change(self.store, change, self._corpus)
            else:
                kind = "rejection"
                report = pipeline.judge_record(self.store, change, ())
            touches = frozenset({known.claim})
            record = Record(kind, asking.token.name, self._clock(), touches, reason)
            return Planned(change, report, record, f"/claims/{slug}")

        return await self.make(asking, plan)

    async def merge(self, asking: Asking, old: NamedNode, new: NamedNode, reason: str) -> Outcome:
        """Let one thing stand for two; the other one's name leads to it from then on.

        Raises:
            Forbidden: when the token may not do that.
            BadParameter: when the two cannot be one.
            GateRefused: when what is said of both does not go together.
        """
        return await self._rewrite(
            asking, "merge", reason, new, lambda: merging.merge(self.store, old, new)
        )

    async def split(self, asking: Asking, old: NamedNode, reason: str) -> Outcome:
        """Take a merge back.

        Raises:
            Forbidden: when the token may not do that.
            NotFound: when the thing is not merged.
        """
        return await self._rewrite(
            asking, "split", reason, old, lambda: merging.undo(self.store, old)
        )

    async def review_relation(
        self, asking: Asking, slug: str, verdict: str, reason: str
    ) -> Outcome:
        """Confirm a relation between claims, or reject it so that it does not come back.

        Raises:
            Forbidden: when the token may not do that.
            NotFound: when there is no such relation, rejected or not.
            BadParameter: when there is no such verdict.
        """
        require(asking, Scope.ADMIN)

        def plan() -> Planned:
            at, name = self._clock(), asking.token.name
            done = relating.review(self.store, slug, verdict, reason, name, at)
            report = pipeline.judge_record(self.store, done.change, done.change.added)
            record = Record(done.kind, name, at, done.touches, reason)
            return Planned(done.change, report, record)

        return await self.make(asking, plan)

    async def _rewrite(
        self,
        asking: Asking,
        kind: str,
        reason: str,
        shown: NamedNode,
        rewrite: Callable[[], Rewriting],
    ) -> Outcome:
        require(asking, Scope.ADMIN)

        def plan() -> Planned:
            done = rewrite()
            report = pipeline.judge_change(self.store, done.change, self._corpus)
            record = Record(
                kind, asking.token.name, self._clock(), done.touches, reason, done.record
            )
            return Planned(done.change, report, record, _page(frozenset({shown})))

        return await self.make(asking, plan)

    async def hold(self, asking: Asking, look: Callable[[Store], None]) -> None:
        """Let somebody look at the store while nobody writes to it.

        Raises:
            Forbidden: when the token is not an admin's.
        """
        require(asking, Scope.ADMIN)
        async with self._lock:
            await asyncio.to_thread(look, self.store)

    async def make(self, asking: Asking, plan: Callable[[], Planned]) -> Outcome:
        """Plan, judge, make, record and publish one write, after all that came before it."""
        return await asyncio.shield(asyncio.ensure_future(self._in_turn(asking, plan)))

    async def _in_turn(self, asking: Asking, plan: Callable[[], Planned]) -> Outcome:
        async with self._lock:
            outcome, applied = await asyncio.to_thread(self._make, asking, plan)
            if applied is not None:
                await self._publish(applied)
        return outcome

    def _make(self, asking: Asking, plan: Callable[[], Planned]) -> tuple[Outcome, Applied | None]:
        before = requests.replay(self.store, asking)
        if before is not None:
            return before, None
        version = self.store.version()
        asking.require_version(version)
        planned = plan()
        if self.gate is Gate.ENFORCE:
            pipeline.require(planned.report)
        if asking.dry:
            body = {"report": planned.report.as_json(), "dry_run": True, "version": version}
            return Outcome(200, {**body, "touches": _listed(planned.record)}), None

        def outcome(written: Written) -> Outcome:
            return _outcome(planned, written)

        record = replace(
            planned.record,
            more=planned.record.more + asking.statements(),
            answer=(lambda written: outcome(written).as_text()) if asking.key else None,
        )
        written, applied = pipeline.write(self.store, planned.change, record)
        return outcome(written), applied


def require(asking: Asking, scope: Scope) -> None:
    """Refuse a token that lacks a scope.

    Raises:
        Forbidden: when it does.
    """
    if not asking.token.may(scope):
        raise Forbidden(
            f"this needs the scope {scope}, which the token {asking.token.name} does not have",
            hint="Ask whoever runs the service for a token with that scope.",
            scope=scope.value,
        )


def _outcome(planned: Planned, written: Written) -> Outcome:
    location = planned.location or f"/changes?since={written.number - 1}"
    body = {
        "report": planned.report.as_json(),
        "write": written.number,
        "kind": planned.record.kind,
        "version_before": written.before,
        "version": written.after,
        "touches": _listed(planned.record),
        "location": location,
    }
    return Outcome(201, body, location)


def _listed(record: Record) -> list[str]:
    return sorted(node.value for node in record.touches)


def _page(touches: frozenset[NamedNode]) -> str | None:
    """Return the page of what was written: the claim if it is one, else the article or thing."""
    parts = [p for p in map(split, sorted(touches, key=str)) if p and p[0] != "withdrawal"]
    for kind in ("claim", "article"):
        slugs = [slug for k, slug in parts if k == kind]
        if len(slugs) == 1:
            return f"/{kind}s/{slugs[0]}"
    if len(parts) == 1 and parts[0][0] != "graph":
        return f"/entities/{parts[0][0]}/{parts[0][1]}"
    return None


def _place(document: documents.Document, node: NamedNode) -> tuple[str, int] | None:
    line = document.line_of(node)
    return (document.name, line) if line else None
