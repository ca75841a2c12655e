"""Where to go on from an answer of the API: what of it names the next thing (OpenAPI 3.1 section 4.8.20)."""

from __future__ import annotations

from collections.abc import Mapping

_ID = "$response.body#/id"
_JOB = {"jobs-one": {"id": _ID}, "jobs-end": {"id": _ID}}
_FIRST_LIST = {"id": "$response.body#/0/id"}
_FIRST_SCHEDULE = {"name": "$response.body#/0/name"}
_SITE = {"site": "$request.path.site"}
_USER = {"name": "$response.body#/name"}
_PATH = {"path": "$request.path.path"}
_CLIENT = {"client": "$request.path.client"}

LINKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "changes-listed": {
        "changes-listed": {"cursor": "$response.body#/next"},
        "changes-undo": {"id": "$response.body#/entries/0/id"},
    },
    "choices-put": {"choices-one": _PATH, "choices-drop": _PATH},
    "clients-put": {"clients-one": _CLIENT, "clients-forget": _CLIENT},
    "clients-every": {"clients-one": {"client": "$response.body#/0/addresses/0"}},
    "diagnose-begin": _JOB,
    "lists-attempt": _JOB,
    "lists-refresh": _JOB,
    "lists-refresh_one": _JOB,
    "lists-every": {
        "lists-one": _FIRST_LIST,
        "lists-refresh_one": _FIRST_LIST,
        "lists-accept": _FIRST_LIST,
        "lists-rollback": _FIRST_LIST,
    },
    "log-log": {"log-log": {"cursor": "$response.body#/next"}},
    "pause-begin": {"pause-end_one": {"id": _ID}},
    "rules-add": {"rules-delete": {"id": "$response.body#/rule/id"}},
    "schedules-listed": {"schedules-change": _FIRST_SCHEDULE, "schedules-normal": _FIRST_SCHEDULE},
    "sites-put": {"sites-one": _SITE, "sites-suspects": _SITE, "sites-delete": _SITE, "sites-attempt": _SITE},
    "tokens-make": {"tokens-revoke": {"id": "$response.body#/info/id"}},
    "users-add": {"users-one": _USER, "users-put": _USER, "users-delete": _USER},
}
"""By operation: the operations that may follow, and what their parameters are taken from."""
