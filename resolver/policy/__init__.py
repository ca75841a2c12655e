"""What is blocked, allowed and rewritten, for whom: pure functions over one immutable bundle."""
