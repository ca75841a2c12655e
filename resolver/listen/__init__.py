"""Sockets: datagrams and streams in, answers out. Nothing here knows what an answer means."""
