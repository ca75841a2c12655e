"""What people see in a browser: rendered here, without scripts. What the pages do is in `service`."""

from resolver.admin.pages import account, actions, home, login, me, people, static, welcome

ROUTES = (
    *home.ROUTES,
    *login.ROUTES,
    *welcome.ROUTES,
    *account.ROUTES,
    *people.ROUTES,
    *me.ROUTES,
    *actions.ROUTES,
    *static.ROUTES,
)
