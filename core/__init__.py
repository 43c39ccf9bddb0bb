"""The shared kernel: settings, database, events, clock, errors, security, logs; knows no room."""
