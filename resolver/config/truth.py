"""The parts of a config that say how upstream's answers are kept, and what of them is believed and passed on."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from resolver.config.values import SubtreeName


class Cache(Struct, frozen=True):
    size: Annotated[
        int, Meta(ge=1, le=65536, description="How many MiB of answers from upstream each worker keeps.")
    ] = 16
    min_ttl: Annotated[
        float,
        Meta(ge=0, le=3600, description="How long an answer is kept at least, even if its owner says less: up to 1h."),
    ] = field(default=0.0, name="min-ttl")
    max_ttl: Annotated[
        float, Meta(ge=1, le=86400, description="How long an answer is kept at most, even if its owner says more.")
    ] = field(default=86400.0, name="max-ttl")
    stale: Annotated[
        float,
        Meta(
            ge=0,
            le=259200,
            description="How long an answer that is too old is still given while no upstream answers: up to 3d. 0s: "
            "not at all.",
        ),
    ] = 259200.0
    prefetch: Annotated[
        int,
        Meta(
            ge=0,
            le=100,
            description="Popular names are asked again before their answers are too old: at most so many questions "
            "for every 100 answers. 0: none.",
        ),
    ] = 10


class Dnssec(Struct, frozen=True):
    trust: Annotated[
        Literal["encrypted", "all", "none"],
        Meta(
            description="Whose word is passed on that an answer is authentic (AD): of upstreams that are encrypted or "
            "on this machine, of all, or of none."
        ),
    ] = "encrypted"


class Rebinding(Struct, frozen=True):
    refuse: Annotated[
        bool, Meta(description="Whether an upstream's answer with a local address for a public name is refused.")
    ] = True
    allow: Annotated[
        tuple[SubtreeName, ...],
        Meta(description="The names that may have local addresses, with all below them."),
    ] = ()
