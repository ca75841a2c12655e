"""The API under /api/v1: JSON in and out, each file with its routes. What it does is in `service`."""

from resolver.admin.api import lists, log, pause, rules, status, why

ROUTES = (
    *status.ROUTES,
    *log.ROUTES,
    *rules.ROUTES,
    *lists.ROUTES,
    *pause.ROUTES,
    *why.ROUTES,
)
