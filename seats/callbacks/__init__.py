"""The work list of callers who left unserved: one open entry a number, claimed, called back, closed by evidence."""
