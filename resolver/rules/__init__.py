"""List text → rules → one compiled set that many processes map. Pure, but for the files it is told of."""
