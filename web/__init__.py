"""The outermost ring: the only place where the rooms meet, and the only one that speaks to browsers."""
