"""Refused requests are counted by address and forgotten after a while."""

from calculator.web.addresses import MAX_ADDRESSES, MAX_REFUSED, PERIOD, RefusedRequests, address_group


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_address_waits_until_the_period_ends() -> None:
    clock = Clock()
    refused = RefusedRequests(clock)
    for _ in range(MAX_REFUSED - 1):
        refused.add("192.0.2.1")
    assert not refused.too_many("192.0.2.1")
    refused.add("192.0.2.1")
    assert refused.too_many("192.0.2.1")
    assert not refused.too_many("192.0.2.2")
    clock.now += PERIOD - 0.001
    assert refused.too_many("192.0.2.1")
    clock.now += 0.001
    assert not refused.too_many("192.0.2.1")


def test_asking_remembers_no_address() -> None:
    refused = RefusedRequests(Clock())
    refused.too_many("192.0.2.1")
    assert not refused.counts


def test_addresses_without_number_take_no_memory_without_limit() -> None:
    refused = RefusedRequests(Clock())
    for number in range(MAX_ADDRESSES + 10):
        refused.add(str(number))
    assert len(refused.counts) == MAX_ADDRESSES
    refused.add("0")
    assert refused.counts["0"] == 2


def test_a_computer_with_many_addresses_is_one() -> None:
    assert address_group("2001:db8:1:2::1") == address_group("2001:db8:1:2:ffff::9") == "2001:db8:1:2::/64"
    assert address_group("2001:db8:1:3::1") != address_group("2001:db8:1:2::1")
    assert address_group("::ffff:192.0.2.7") == address_group("192.0.2.7")
    assert address_group("fe80::1%eth0") == "fe80::/64"
    assert len(address_group("x" * 1000)) == 64
