"""The config file: its schema, reading it with a line in every error, and the texts that values are written in."""
