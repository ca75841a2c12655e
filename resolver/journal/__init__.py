"""From exchange to frame to socket: what workers tell control, and what control tells workers."""
