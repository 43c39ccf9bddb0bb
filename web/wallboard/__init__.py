"""The wallboard: what managers and big screens see beside the seats, and the sign-ins of the screens."""
