"""What people see in a browser: rendered here, without scripts. What the pages do is in `service`."""

from resolver.admin.pages import actions, home, login, static

ROUTES = (
    *home.ROUTES,
    *login.ROUTES,
    *actions.ROUTES,
    *static.ROUTES,
)
