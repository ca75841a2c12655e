"""The authority that this machine trusts while a test runs."""

from tests.upstream.conftest import authority

__all__ = ["authority"]
