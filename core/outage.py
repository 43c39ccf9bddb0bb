"""What tells that the database cannot be reached or is too busy: nobody's fault, and it passes."""

from sqlalchemy import exc

OUTAGE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError, exc.InternalError, OSError)
