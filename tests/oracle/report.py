"""A list of comparisons with a real framework or tool, and of those that failed."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """The comparisons of one part: how many were made, and a sentence for each that failed.

    ``minimum`` is how many comparisons the part must make, so that a part that compares nothing fails.
    """

    title: str
    minimum: int
    checked: int = 0
    failures: list[str] = field(default_factory=list)

    def check(self, failure: str) -> None:
        """Count one comparison. ``failure`` says what differs, and is empty where nothing does."""
        self.checked += 1
        if failure:
            self.failures.append(failure)
