"""The response processing of a QTI 2.1 item, carried out: which score and which feedback a response gets.

It follows the sections "Response Processing", "Expressions" and "Modal Feedback" of the information model, as
far as an item with one number needs them, and raises an error for everything else.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"

Expression = Callable[[str | None], Any]
"""From the response to the value of an expression."""


def tag(element: Any) -> str:
    name = str(element.tag)
    assert name.startswith(QTI), name
    return name.removeprefix(QTI)


@dataclass
class Player:
    """An item and what is known about it. Its rules are read once, because many responses are played."""

    item: Any
    outcomes: dict[str, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.defaults = {
            one.get("identifier"): one.findtext(f"{QTI}defaultValue/{QTI}value")
            for one in self.item.iterfind(f"{QTI}outcomeDeclaration")
        }
        [processing] = self.item.iterfind(f"{QTI}responseProcessing")
        self.conditions = [self._branches(condition) for condition in processing]
        self.feedback: defaultdict[tuple[str, str | None], list[str]] = defaultdict(list)
        for one in self.item.iterfind(f"{QTI}modalFeedback"):
            assert one.get("outcomeIdentifier") in self.defaults
            if one.get("showHide") == "show":
                self.feedback[one.get("outcomeIdentifier"), one.get("identifier")].append(
                    "".join(one.itertext())
                )

    def answer(self, response: int | None) -> tuple[str | None, list[str]]:
        """Return the score and the sentences shown after a response; ``None`` is an empty response."""
        self.outcomes = dict(self.defaults)
        given = None if response is None else str(response)
        for branches in self.conditions:
            # The first branch whose expression is true is carried out: NULL is not true.
            rules = next((rules for expression, rules in branches if expression(given) is True), ())
            for identifier, value in rules:
                self.outcomes[identifier] = value(given)
        shown = [text for outcome in self.outcomes.items() for text in self.feedback.get(outcome, ())]
        return self.outcomes["SCORE"], shown

    def _branches(self, condition: Any) -> Sequence[tuple[Expression, Sequence[tuple[str, Expression]]]]:
        """Return the expression of each branch of a condition, and the outcomes that the branch sets."""
        assert tag(condition) == "responseCondition"
        branches = []
        for place, branch in enumerate(condition):
            assert tag(branch) == ("responseElseIf" if place else "responseIf")
            expression, *rules = branch
            sets = []
            for rule in rules:
                assert tag(rule) == "setOutcomeValue"
                assert rule.get("identifier") in self.defaults
                [value] = rule
                sets.append((rule.get("identifier"), self._expression(value)))
            branches.append((self._expression(expression), sets))
        return branches

    def _expression(self, expression: Any) -> Expression:
        parts = [self._expression(part) for part in expression]
        kind = tag(expression)
        if kind == "variable":
            assert expression.get("identifier") == "RESPONSE"
            return lambda response: response
        if kind == "correct":
            correct = self.item.findtext(f"{QTI}responseDeclaration/{QTI}correctResponse/{QTI}value")
            return lambda response: correct
        if kind == "baseValue":
            text = expression.text
            return lambda response: text
        if kind == "isNull":
            [part] = parts
            return lambda response: part(response) is None
        if kind == "not":
            [part] = parts
            return lambda response: None if (value := part(response)) is None else not value
        assert kind == "match"
        one, other = parts
        return lambda response: (
            None if None in (values := (one(response), other(response))) else values[0] == values[1]
        )


def player(document: bytes) -> Player:
    return Player(etree.fromstring(document))
