"""A limit on what all visitors use together, of which one address may use half."""

import asyncio
from collections import Counter

from calculator.web.addresses import address_group


class SharedBudget:
    """At most ``maximum`` in use, of which one address may have half.

    >>> budget = SharedBudget(10)
    >>> budget.take("192.0.2.1", 5), budget.take("192.0.2.1", 1), budget.take("192.0.2.2", 5)
    (True, False, True)
    >>> budget.give_back("192.0.2.1", 5)
    >>> budget.used
    5
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.used = 0
        self.by_address: Counter[str] = Counter()

    def take(self, address: str, amount: int) -> bool:
        """Return whether there is room for ``amount`` more; if so, it is counted for ``address``."""
        group = address_group(address)
        if self.used + amount > self.maximum or 2 * (self.by_address[group] + amount) > self.maximum:
            return False
        self.used += amount
        self.by_address[group] += amount
        return True

    def give_back(self, address: str, amount: int) -> None:
        """Count ``amount`` less for ``address``."""
        group = address_group(address)
        self.used -= amount
        self.by_address[group] -= amount
        if not self.by_address[group]:
            del self.by_address[group]

    def give_back_after(self, seconds: float, address: str, amount: int) -> None:
        """Give back after some seconds, within a running event loop."""
        asyncio.get_running_loop().call_later(seconds, self.give_back, address, amount)
