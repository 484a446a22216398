"""How long a service that does not answer may keep a pull waiting.

A call is tried `clients.ATTEMPTS` times with growing pauses: a minute and a half when no connection
comes about, eight minutes when a service takes the call and never answers. With many regions and
tables that would take hours. Therefore:

- after a service failed in one place, it gets one short attempt anywhere until it answers there;
- after `GIVE_UP` failures in a row in a region it is not asked there again in this pull.

A service that cannot be reached in any of 20 regions then costs one patient call and at most three
attempts of 5 s in each region, some six minutes in all. The next pull begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from prismlib.errors import CallError, OutageError, ThrottledError

GIVE_UP = 3
Place = tuple[str, str]


@dataclass
class Outages:
    """Which services do not answer, by service and region."""

    _in_a_row: dict[Place, list[CallError]] = field(default_factory=dict)

    def check(self, service: str, region: str) -> None:
        """Raise the last error of a service that is not asked any more in a region."""
        failures = self._in_a_row.get((service, region), [])
        if len(failures) >= GIVE_UP:
            raise failures[-1]

    def is_suspect(self, service: str) -> bool:
        """Return whether a service did not answer somewhere, and has not done so there since."""
        return any(name == service for name, _ in self._in_a_row)

    def failed(self, service: str, region: str, error: Exception) -> None:
        """Keep what a call ended with; other errors than outages are answers."""
        if isinstance(error, OutageError | ThrottledError):
            self._in_a_row.setdefault((service, region), []).append(error)
        else:
            self.answered(service, region)

    def answered(self, service: str, region: str) -> None:
        """Forget the failures of a service in a region."""
        self._in_a_row.pop((service, region), None)
