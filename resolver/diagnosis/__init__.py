"""Is it the DNS or the site? From facts about one name to findings, and from these to sentences. Pure."""
