"""What resolvers say, in a few words."""

from __future__ import annotations

from resolver.diagnosis.agreement import real
from resolver.diagnosis.facts import Answer
from resolver.model import Rcode
from resolver.wire.zone import rcode_text

_MOST = 3  # addresses


def says(answer: Answer) -> str:
    """What an answer says of a name, as the end of "it says that …"."""
    if answer.rcode == Rcode.NXDOMAIN:
        return "it does not exist"
    if answer.rcode != Rcode.NOERROR:
        return f"it cannot be found ({rcode_text(answer.rcode)})"
    if not answer.addresses:
        return "it has no address"
    if not real(answer.addresses):
        return f"it is at {answer.addresses[0]}, which is nowhere"
    return f"it is at {listed(answer.addresses)}"


def listed(addresses: tuple[str, ...]) -> str:
    """A few addresses, and how many more there are."""
    more = len(addresses) - _MOST
    return ", ".join(addresses[:_MOST]) + (f" and {more} more" if more > 0 else "")
