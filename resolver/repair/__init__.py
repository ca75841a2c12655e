"""Finding out which blocked names a site misses: from what a device asked around its visits, and by trying. Pure."""
