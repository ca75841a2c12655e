"""Stage decide: the verdict, from the pure function that also serves `why`."""

from __future__ import annotations

from resolver.model import Query
from resolver.pipeline.stage import Judge, Parts
from resolver.policy import decide as policy


def make(parts: Parts) -> Judge:
    def decide(query: Query) -> Query:
        question = query.question
        now = parts.clock.time()
        verdict = policy.decide(question.name, query.name, question.type, query.client, parts.bundle(), now)
        return Query(query.message, query.name, query.client, query.transport, verdict)

    return decide
