"""The commands, one module each with `run(arguments) -> exit code`. They speak to the daemon over its API, or over DNS."""
