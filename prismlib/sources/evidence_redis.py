"""Evidence on a Redis Cluster over its own protocol: CLUSTER INFO and CLUSTER SHARDS.

Nothing else is ever sent but, where the environment holds a login, AUTH. RESP of version 2 takes
three kinds of answers for these, so a client library would be a dependency for thirty lines. An
ACL user needs ``+cluster|info +cluster|shards``.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from prismlib.errors import CallError, ParameterError
from prismlib.sources.evidence import Fact, Look, counted
from prismlib.sources.evidence_http import UnreachableError, answers, running_instances

REDIS_CHECKS = (
    *("redis.state", "redis.slots", "redis.primaries", "redis.replicas"),
    *("redis.zones", "redis.primary_zone"),
)
USER, PASSWORD = "PRISM_REDIS_USER", "PRISM_REDIS_PASSWORD"
TIMEOUT_S = 10.0
LARGEST = 64 * 1024 * 1024
"""Bytes of an answer above which it is none of a cluster."""
DEEPEST = 8


@dataclass(frozen=True)
class RedisAddress:
    """Where a node of the cluster is."""

    host: str
    port: int
    is_encrypted: bool = False

    @property
    def shown(self) -> str:
        """Return the address as it is written down."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"redis{'s' if self.is_encrypted else ''}://{host}:{self.port}"


def parse_redis_address(text: str) -> RedisAddress:
    """Return the address of HOST:PORT, redis://HOST:PORT or, over TLS, rediss://HOST:PORT.

    Raises
    ------
    ParameterError
        It is none of them, or it holds a login, which belongs into the environment.
    """
    parts = urlsplit(text if "://" in text else f"redis://{text}")
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or not port or parts.username:
        expected = f"HOST:PORT, or rediss://HOST:PORT; a login in {USER} and {PASSWORD}"
        raise ParameterError("--redis", text.rpartition("@")[2], expected=expected)
    return RedisAddress(parts.hostname, port, parts.scheme == "rediss")


def read_answer(stream: BinaryIO, depth: int = 0) -> Any:
    """Return one answer of RESP 2: a text, a number, None or a list of them.

    Raises
    ------
    UnreachableError
        The server refused the command; its words are kept, as they name the permission.
    ValueError
        It is no answer of Redis, or it breaks off.
    """
    line = stream.readline(LARGEST)
    if not line.endswith(b"\r\n") or depth > DEEPEST:
        raise ValueError("no whole line")
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest.decode()
    if kind == b"-":
        raise UnreachableError(rest.decode(errors="replace"))
    size = int(rest)
    if kind == b":":
        return size
    if size < 0:
        return None
    if size > LARGEST or kind not in (b"$", b"*"):
        raise ValueError("no answer of Redis")
    if kind == b"*":
        return [read_answer(stream, depth + 1) for _ in range(size)]
    body = stream.read(size + 2)
    if len(body) != size + 2:
        raise ValueError("an answer that breaks off")
    return body[:-2].decode()


def _command(*words: str) -> bytes:
    parts = [f"*{len(words)}\r\n".encode()]
    for word in words:
        body = word.encode()
        parts.append(f"${len(body)}\r\n".encode() + body + b"\r\n")
    return b"".join(parts)


@contextmanager
def _connected(address: RedisAddress) -> Iterator[Any]:
    """Give a function that sends a command and returns its answer."""
    with socket.create_connection((address.host, address.port), timeout=TIMEOUT_S) as plain:
        wire = plain
        if address.is_encrypted:
            context = ssl.create_default_context()
            wire = context.wrap_socket(plain, server_hostname=address.host)
        with wire, wire.makefile("rb") as stream:

            def ask(*words: str) -> Any:
                wire.sendall(_command(*words))
                return read_answer(stream)

            if password := os.environ.get(PASSWORD):
                ask("AUTH", *filter(None, (os.environ.get(USER),)), password)
            yield ask


def collect_redis(look: Look, address: RedisAddress) -> list[Fact]:
    """Return the facts of a cluster as one of its nodes sees it."""
    return answers(REDIS_CHECKS, address.shown, lambda: _cluster(look, address))


def _cluster(look: Look, address: RedisAddress) -> Iterator[Fact]:
    try:
        with _connected(address) as ask:
            yield from info_facts(ask("CLUSTER", "INFO"), address.shown)
            shards = ask("CLUSTER", "SHARDS")
    except OSError as error:
        raise UnreachableError(
            f"{address.shown} does not answer ({type(error).__name__})"
        ) from None
    except UnreachableError as error:
        if str(error).startswith("ERR This instance has cluster support disabled"):
            yield from _standalone(address.shown)
            return
        raise UnreachableError(f"{address.shown} refuses: {error}") from None
    parsed = parse_shards(shards)
    yield from shard_facts(parsed, address.shown)
    yield from zone_facts(parsed, _zones(look), address.shown)


def _standalone(where: str) -> Iterator[Fact]:
    """Yield the facts of a server that is in no cluster, which is a failure and not a riddle."""
    for check in REDIS_CHECKS[:4]:
        words = "the server has no cluster mode"
        yield Fact(check, where, Decimal(0), where, detail=words)
    for check in REDIS_CHECKS[4:]:
        reason = f"{where} is in no cluster, so there are no shards"
        yield Fact(check, where, None, where, reason=reason)


def info_facts(text: str, where: str) -> Iterator[Fact]:
    """Yield what CLUSTER INFO says: the state, and the slots that are served."""
    found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    source = f"{where} CLUSTER INFO"
    state, served = found["cluster_state"], int(found["cluster_slots_ok"])
    yield Fact("redis.state", where, Decimal(state == "ok"), source, detail=state)
    yield Fact("redis.slots", where, Decimal(served), source)


@dataclass(frozen=True)
class Node:
    """A node of a shard; it counts while its health is online."""

    host: str
    is_primary: bool
    is_online: bool


Shards = Sequence[Sequence[Node]]


def parse_shards(answer: Sequence[Any]) -> list[list[Node]]:
    """Return the nodes of each shard that serves slots, of an answer of CLUSTER SHARDS."""
    found = []
    for shard in answer:
        parts = _pairs(shard)
        if not parts["slots"]:
            continue
        nodes = [_pairs(node) for node in parts["nodes"]]
        found.append(
            [
                Node(str(one["ip"]), one["role"] == "master", one["health"] == "online")
                for one in nodes
            ]
        )
    return found


def _pairs(flat: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def shard_facts(shards: Shards, where: str) -> Iterator[Fact]:
    """Yield how many shards have a primary that answers, and how many replicas each has."""
    source = f"{where} CLUSTER SHARDS"
    alive = [
        f"shard {number}"
        for number, nodes in enumerate(shards, 1)
        if any(node.is_primary and node.is_online for node in nodes)
    ]
    words = f"{len(alive)} of {len(shards)} shards"
    yield Fact("redis.primaries", where, Decimal(len(alive)), source, detail=words)
    for number, nodes in enumerate(shards, 1):
        count = sum(not node.is_primary and node.is_online for node in nodes)
        yield Fact("redis.replicas", f"shard {number}", Decimal(count), source)
    if not shards:
        yield Fact("redis.replicas", where, Decimal(0), source, detail="no shard serves a slot")


def zone_facts(shards: Shards, zones: Mapping[str, str] | str, where: str) -> Iterator[Fact]:
    """Yield the shards with two nodes in a zone, and in how many zones primaries are.

    `zones` are those of instances by private address, or the reason why they are not known.
    """
    source = f"{where} CLUSTER SHARDS; ec2:DescribeInstances"
    hosts = [node.host for nodes in shards for node in nodes]
    strange = [host for host in hosts if isinstance(zones, str) or host not in zones]
    if isinstance(zones, str) or strange or not shards:
        reason = zones if isinstance(zones, str) else f"no instance has the address {strange[:1]}"
        if not shards:
            reason = f"{where} has no shard that serves a slot"
        for check in REDIS_CHECKS[4:]:
            yield Fact(check, where, None, source, reason=reason)
        return
    together = []
    for number, nodes in enumerate(shards, 1):
        places = [zones[node.host] for node in nodes]
        if len(set(places)) < len(places):
            together.append(f"shard {number} ({', '.join(places)})")
    yield counted("redis.zones", where, together, source)
    primaries = {zones[node.host] for nodes in shards for node in nodes if node.is_primary}
    words = ", ".join(sorted(primaries))
    yield Fact("redis.primary_zone", where, Decimal(len(primaries)), source, detail=words)


def _zones(look: Look) -> dict[str, str] | str:
    """Return the zone of each running instance by its private address, or why it is not known."""
    found: dict[str, str] = {}
    try:
        for region in look.context.regions:
            for one in running_instances(look, region):
                if address := one.get("PrivateIpAddress"):
                    found[address] = one["Placement"]["AvailabilityZone"]
    except CallError as error:
        unknown = look.unknown("redis.zones", "zones of instances", "ec2:DescribeInstances", error)
        return unknown.reason
    return found
