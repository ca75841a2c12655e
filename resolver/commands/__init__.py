"""The commands, one module each with `run(arguments) -> exit code`. They reach the daemon over its API or DNS."""
