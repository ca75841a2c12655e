"""Where lists come from: the catalogue, downloads and files, what is kept of them on disk, and when they are compiled."""
