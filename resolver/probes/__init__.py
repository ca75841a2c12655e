"""Questions to the world outside, for a diagnosis: resolvers, the site's machines, the way out, a portal."""
