"""Bytes ⇄ values of the DNS, pure: no sockets, no clock. Whatever the bytes, nothing but WireError is raised."""
