"""Where lists come from, what is kept of them on disk, and when they are looked for anew and compiled."""
