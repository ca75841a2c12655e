"""Which names belong together: the registrable domain of a name, by the public suffix list."""

from __future__ import annotations

import functools

from publicsuffixlist import PublicSuffixList


class Domains:
    """The public suffix list; read (some ten milliseconds) when it is first asked."""

    @functools.cached_property
    def _suffixes(self) -> PublicSuffixList:
        return PublicSuffixList(accept_unknown=False)

    def registrable(self, name: str) -> str:
        """The registrable domain that a name is in; its last two labels below a suffix that nobody has listed, as home
        networks have. A name that is in none, as a public suffix is, is its own."""
        listed = self._suffixes.publicsuffix(name)
        if listed is None:
            return ".".join(name.split(".")[-2:])
        return self._suffixes.privatesuffix(name) or name

    def is_public(self, name: str) -> bool:
        """Whether a name is a listed suffix, below which names are of many owners."""
        return self._suffixes.publicsuffix(name) == name


def is_below(name: str, site: str) -> bool:
    """Whether a name is this one or below it."""
    return name == site or name.endswith("." + site)
