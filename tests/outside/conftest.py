"""The household of the admin's tests, for other programs to visit."""

from tests.admin.conftest import made, open_house

__all__ = ["made", "open_house"]
