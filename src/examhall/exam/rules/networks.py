"""Who sat at the same address at the same time: a hint for people, never evidence by itself (R-4.30)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address, ip_network
from itertools import combinations
from uuid import UUID

__all__ = ["SHARED_NETWORK", "Stay", "shared_networks"]

SHARED_NETWORK = "Shared network: may be a household, campus or carrier network."


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One attempt at one address. `code` is what others may be told of it instead of the name."""

    attempt: UUID
    candidate: UUID
    code: str
    ip: str
    from_at: datetime
    to_at: datetime


def shared_networks(stays: Collection[Stay], *, known: Sequence[str] = ()) -> Mapping[UUID, tuple[str, ...]]:
    """For each attempt the codes of other candidates' attempts at its address that overlap with it, sorted.

    known: networks of the site (CIDR), such as test centres; addresses in them are left out.
    """
    networks = [ip_network(one, strict=False) for one in known]
    by_ip: dict[str, list[Stay]] = defaultdict(list)
    for stay in stays:
        if stay.ip:
            by_ip[stay.ip].append(stay)
    found: dict[UUID, set[str]] = defaultdict(set)
    for ip, here in by_ip.items():
        if len(here) < 2 or any(ip_address(ip) in network for network in networks):
            continue
        for one, other in combinations(here, 2):
            if one.candidate != other.candidate and one.from_at < other.to_at and other.from_at < one.to_at:
                found[one.attempt].add(other.code)
                found[other.attempt].add(one.code)
    return {attempt: tuple(sorted(codes)) for attempt, codes in found.items()}
