"""One address leaves half of a budget to the others, and what is given back can be taken again."""

from hypothesis import given
from hypothesis import strategies as st

from calculator.web.shared_budget import SharedBudget

ADDRESSES = ("192.0.2.1", "192.0.2.2", "2001:db8::1")


def test_one_address_gets_half() -> None:
    budget = SharedBudget(100)
    assert budget.take("192.0.2.1", 50)
    assert not budget.take("::ffff:192.0.2.1", 1)
    assert budget.take("192.0.2.2", 50)
    assert not budget.take("192.0.2.3", 1)
    budget.give_back("::ffff:192.0.2.1", 50)
    assert budget.take("192.0.2.3", 50)


@given(st.lists(st.tuples(st.sampled_from(ADDRESSES), st.integers(1, 60))))
def test_nothing_exceeds_the_limits_and_nothing_is_left(asked: list[tuple[str, int]]) -> None:
    budget = SharedBudget(100)
    had = [one for one in asked if budget.take(*one)]
    assert budget.used == sum(amount for _, amount in had) <= 100
    assert all(sum(amount for by, amount in had if by == address) <= 50 for address in ADDRESSES)
    for one in had:
        budget.give_back(*one)
    assert (budget.used, budget.by_address) == (0, {})
