"""Everything that is worth keeping in one file, and back: made while the daemon runs, restored wholly or not at all."""
