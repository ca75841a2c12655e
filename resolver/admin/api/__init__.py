"""The API under /api/v1: JSON in and out, each file with its routes. What it does is in `service`."""

from resolver.admin.api import changes, clients, diagnose, lists, log, pause, rules, schedules, sites, status, why

ROUTES = (
    *status.ROUTES,
    *log.ROUTES,
    *rules.ROUTES,
    *changes.ROUTES,
    *clients.ROUTES,
    *lists.ROUTES,
    *pause.ROUTES,
    *schedules.ROUTES,
    *sites.ROUTES,
    *why.ROUTES,
    *diagnose.ROUTES,
)
