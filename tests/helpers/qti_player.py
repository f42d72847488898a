"""The response processing of a QTI 2.1 item, carried out: which score and which feedback a response gets.

It follows the sections "Response Processing", "Expressions" and "Modal Feedback" of the information model, as
far as an item with one number needs them, and raises an error for everything else.
"""

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

QTI = "{http://www.imsglobal.org/xsd/imsqti_v2p1}"


def tag(element: Any) -> str:
    name = str(element.tag)
    assert name.startswith(QTI), name
    return name.removeprefix(QTI)


@dataclass
class Player:
    """An item and what is known about it."""

    item: Any
    outcomes: dict[str, str | None] = field(default_factory=dict)

    def answer(self, response: int | None) -> tuple[str | None, list[str]]:
        """Return the score and the sentences shown after a response; ``None`` is an empty response."""
        self.outcomes = {
            one.get("identifier"): one.findtext(f"{QTI}defaultValue/{QTI}value")
            for one in self.item.iterfind(f"{QTI}outcomeDeclaration")
        }
        [processing] = self.item.iterfind(f"{QTI}responseProcessing")
        for condition in processing:
            assert tag(condition) == "responseCondition"
            self._condition(condition, None if response is None else str(response))
        shown = [
            "".join(one.itertext())
            for one in self.item.iterfind(f"{QTI}modalFeedback")
            if self.outcomes[one.get("outcomeIdentifier")] == one.get("identifier")
            and one.get("showHide") == "show"
        ]
        return self.outcomes["SCORE"], shown

    def _condition(self, condition: Any, response: str | None) -> None:
        """Carry out the first branch whose expression is true: NULL is not true."""
        for place, branch in enumerate(condition):
            assert tag(branch) == ("responseElseIf" if place else "responseIf")
            expression, *rules = branch
            if self._value(expression, response) is True:
                for rule in rules:
                    assert tag(rule) == "setOutcomeValue"
                    assert rule.get("identifier") in self.outcomes
                    [value] = rule
                    self.outcomes[rule.get("identifier")] = self._value(value, response)
                return

    def _value(self, expression: Any, response: str | None) -> Any:
        parts = [self._value(part, response) for part in expression]
        kind = tag(expression)
        if kind == "variable":
            assert expression.get("identifier") == "RESPONSE"
            return response
        if kind == "correct":
            return self.item.findtext(f"{QTI}responseDeclaration/{QTI}correctResponse/{QTI}value")
        if kind == "baseValue":
            return expression.text
        if kind == "isNull":
            return parts[0] is None
        if kind == "not":
            return None if parts[0] is None else not parts[0]
        assert kind == "match"
        return None if None in parts else parts[0] == parts[1]


def player(document: bytes) -> Player:
    return Player(etree.fromstring(document))
