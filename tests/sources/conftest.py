"""An AWS on loopback: moto behind a gate that records every call and answers some by itself.

The gate stands in for what moto lacks (prices, savings plans, reserved instances) and for what goes
wrong: a denied, throttled or truncated call, a connection that is reset. Everything else goes on to
moto; with `Gate.kept` its answers are kept and given again, since moto takes longer than the rest.
"""

from __future__ import annotations

import http.client
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
import pytest
from botocore.loaders import create_loader
from fake_cost_explorer import reset

from prismlib.periods import Period
from prismlib.sources import cost_explorer_pull
from prismlib.sources.calls import Caller
from prismlib.sources.clients import Clients
from prismlib.sources.collecting import PullContext

NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
REGIONS = ("us-west-2", "eu-west-1")

S3_READS = {
    "lifecycle": "GetBucketLifecycleConfiguration",
    "replication": "GetBucketReplication",
    "encryption": "GetBucketEncryption",
    "versioning": "GetBucketVersioning",
    "location": "GetBucketLocation",
    "policy": "GetBucketPolicy",
}
POST_READS = {"policy/validation": "ValidatePolicy"}
BACKUP_READS = {"/restore-jobs": "ListRestoreJobs"}
SEARCH_READS = {
    "domain": "ListDomainNames",
    "domain-info": "DescribeDomains",
    # The same name as one of EC2.
    "reservedInstances": "DescribeReservedInstancesOfSearch",
}


@pytest.fixture(scope="session", autouse=True)
def _models_are_read_once() -> Iterator[None]:
    """Let all sessions share the models of services, as the clients of one session do.

    Reading them is 0.1 to 0.2 s for each client, and most tests are a session of their own.
    """
    loader = create_loader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda _paths=None: loader)
        yield


@dataclass(frozen=True)
class Asked:
    """A request as the gate saw it; `parameters` are those of a JSON or query body.

    Two requests for the same thing are equal, whenever they come.
    """

    service: str
    operation: str
    region: str
    method: str
    path: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the gate answers; a `cut` body is shorter than its length says.

    Instead of a `reset` one the connection breaks.
    """

    status: int
    body: bytes
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False


Answer = Callable[[Asked], Reply | None]


QUERY = ("autoscaling", "elasticache", "elasticloadbalancing", "iam", "rds", "sts")
"""Services that answer with XML of the query protocol."""


def json_reply(value: Any, status: int = 200) -> Reply:
    text = json.dumps(value, default=lambda moment: moment.timestamp())
    return Reply(status, text.encode())


def xml_reply(operation: str, inner: str, *, is_ec2: bool = False) -> Reply:
    inside = inner if is_ec2 else f"<{operation}Result>{inner}</{operation}Result>"
    text = f"<{operation}Response>{inside}</{operation}Response>"
    return Reply(200, text.encode(), "text/xml")


def refusal(asked: Asked, code: str, status: int = 403) -> Reply:
    """Return an error of AWS in the protocol of the service."""
    error = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    if asked.service == "s3":
        return Reply(status, error.encode(), "application/xml")
    if asked.service == "ec2":
        text = f"<Response><Errors>{error}</Errors><RequestID>r</RequestID></Response>"
        return Reply(status, text.encode(), "text/xml")
    if asked.service in QUERY:
        return Reply(status, f"<ErrorResponse>{error}</ErrorResponse>".encode(), "text/xml")
    return json_reply({"__type": code, "message": "no"}, status)


STUCK = "stuck-token"
TOKENS = {
    "DescribeInstances": "nextToken",
    "DescribeReservedDBInstances": "Marker",
    "DescribeReservedCacheNodes": "Marker",
    "DescribeReservedInstancesOfSearch": "NextToken",
    "DescribeCacheClusters": "Marker",
    "DescribeDBInstances": "Marker",
    "DescribeLoadBalancers": "NextMarker",
    "DescribeTargetGroups": "NextMarker",
    "ListBuckets": "ContinuationToken",
    "DescribeSavingsPlans": "nextToken",
    "ListMetrics": "NextToken",
    "GetMetricData": "NextToken",
    "GetProducts": "NextToken",
}
"""Operations that come in pages -> where an answer names the next one."""


def _throttled(asked: Asked, reply: Reply) -> Reply:
    code = {"ec2": "RequestLimitExceeded", "s3": "SlowDown"}.get(asked.service, "Throttling")
    return refusal(asked, code, 503 if code == "SlowDown" else 400)


def _expired(asked: Asked, reply: Reply) -> Reply:
    code = {"ec2": "RequestExpired", "pricing": "ExpiredTokenException"}.get(asked.service)
    return refusal(asked, code or "ExpiredToken", 400)


def _denied(asked: Asked, reply: Reply) -> Reply:
    code = {"ec2": "UnauthorizedOperation", "s3": "AccessDenied", "rds": "AccessDenied"}
    return refusal(asked, code.get(asked.service, "AccessDeniedException"))


def _stuck(asked: Asked, reply: Reply) -> Reply:
    """Return the reply with a token that always leads to the same page."""
    name = TOKENS[asked.operation]
    if reply.body.startswith(b"{"):
        return replace(reply, body=json.dumps({**json.loads(reply.body), name: STUCK}).encode())
    text = reply.body.decode()
    # EC2 and S3 give the parts of an answer at its top, the others in a part named ...Result.
    ends = [*re.finditer(r"</\w+Result>", text)] or [*re.finditer(r"</\w+>", text)]
    at = ends[-1].start()
    return replace(reply, body=f"{text[:at]}<{name}>{STUCK}</{name}>{text[at:]}".encode())


def _without_parts(body: bytes) -> bytes:
    """Return an answer of which only the outermost part is there."""
    if body.startswith(b"{"):
        return b"{}"
    name = next(iter(re.findall(rb"<(\w+)", body)))
    return b"<" + name + b"><requestId>r</requestId></" + name + b">"


FAULTS: dict[str, Callable[[Asked, Reply], Reply]] = {
    "throttled": _throttled,
    "error": lambda asked, reply: refusal(asked, "InternalFailure", 500),
    "reset": lambda asked, reply: replace(reply, reset=True),
    "expired": _expired,
    "denied": _denied,
    "truncated": lambda asked, reply: replace(
        reply, body=reply.body[: len(reply.body) // 2], cut=True
    ),
    "garbled": lambda asked, reply: Reply(200, b"<html>Please log in", "text/html"),
    "proxy": lambda asked, reply: Reply(200, b"<html>Please log in</html>", "text/html"),
    "list": lambda asked, reply: json_reply([1]),
    "elsewhere": lambda asked, reply: Reply(200, b"<Answer><a>1</a></Answer>", "text/xml"),
    "no_result": lambda asked, reply: replace(reply, body=_without_parts(reply.body)),
    "repeated_token": _stuck,
}
"""What comes instead of a reply, by the kind of fault."""


class Gate:
    """The server: `answers` by operation, `asked` in order.

    `fault` is the call that goes wrong, how, and how many calls like it go right before. `right`
    are the calls that were answered as they should be. `kept` is what moto said before, by request.
    """

    def __init__(self, moto: str) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.right: list[Asked] = []
        self.fault: tuple[str, Asked, int] | None = None
        self.kept: dict[str, Reply] | None = None
        self._moto = moto
        gate = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body in one packet

            def log_message(self, *args: Any) -> None:
                pass

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked = _read(self.command, self.path, self.headers, body)
                gate.asked.append(asked)
                reply = gate.reply(asked, self.headers, body)
                if reply.reset:
                    reset(self)
                    return
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body) * (2 if reply.cut else 1)))
                for name, text in reply.headers.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = self.close_connection or reply.cut

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def reply(self, asked: Asked, headers: Any, body: bytes) -> Reply:
        """Return the answer of the account, or what comes instead of it."""
        if self.fault is not None and asked.operation == self.fault[1].operation:
            kind, call, after = self.fault
            if STUCK in json.dumps(asked.parameters) + asked.path:
                return self._stuck
            if asked == call and self.asked.count(asked) > after:
                reply = FAULTS[kind](asked, self._right(asked, headers, body))
                self._stuck = reply
                return reply
        self.right.append(asked)
        return self._right(asked, headers, body)

    def _right(self, asked: Asked, headers: Any, body: bytes) -> Reply:
        answer = self.answers.get(asked.operation)
        reply = answer(asked) if answer else None
        return reply or self.forward(asked, headers, body)

    def forward(self, asked: Asked, headers: Any, body: bytes) -> Reply:
        """Return what moto says."""
        if self.kept is not None and repr(asked) in self.kept:
            return self.kept[repr(asked)]
        connection = http.client.HTTPConnection(self._moto, timeout=30)
        connection.request(asked.method, asked.path, body, dict(headers.items()))
        answer = connection.getresponse()
        kept = {n: v for n, v in answer.getheaders() if n.lower().startswith(("x-amz", "smithy"))}
        kind = answer.getheader("Content-Type", "text/xml")
        reply = Reply(answer.status, answer.read(), kind, kept)
        connection.close()
        if self.kept is not None:
            self.kept[repr(asked)] = reply
        return reply

    def deny(self, *operations: str, region: str | None = None, code: str | None = None) -> None:
        """Refuse some calls, everywhere or in one region."""

        def answer(asked: Asked) -> Reply | None:
            if region not in (None, asked.region):
                return None
            usual = "UnauthorizedOperation" if asked.service == "ec2" else "AccessDenied"
            return refusal(asked, code or usual)

        self.answers.update(dict.fromkeys(operations, answer))

    def serve(self, operation: str, body: bytes, kind: str = "application/json") -> None:
        """Give the same answer to every call of an operation."""
        self.answers[operation] = lambda asked: Reply(200, body, kind)

    def operations(self) -> list[str]:
        """Return the operations that were asked for, in order."""
        return [one.operation for one in self.asked]


def _read(method: str, path: str, headers: Any, body: bytes) -> Asked:
    scope = re.search(
        r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/", headers.get("Authorization", "")
    ) or re.search("()()", "")
    region, service = scope[1], scope[2]
    query = parse_qs(urlsplit(path).query, keep_blank_values=True)
    parameters: dict[str, Any] = {}
    if target := headers.get("X-Amz-Target", ""):
        operation, parameters = target.rsplit(".", 1)[-1], json.loads(body)
    elif service == "s3":
        place = urlsplit(path).path.strip("/")
        names = [name for key, name in S3_READS.items() if key in query]
        operation = names[0] if names else "ListObjects" if place else "ListBuckets"
    elif service == "es":
        operation = SEARCH_READS.get(urlsplit(path).path.rsplit("/", 1)[-1], path)
        parameters = json.loads(body or b"{}")
    elif service == "backup":
        operation, parameters = BACKUP_READS[urlsplit(path).path.rstrip("/")], dict(query)
    elif body.startswith(b"{"):
        place = urlsplit(path).path.strip("/")
        operation, parameters = POST_READS.get(place, place), json.loads(body)
    else:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        operation, parameters = form.get("Action", path), form
    return Asked(service, operation, region, method, path, parameters)


@pytest.fixture(scope="session")
def _gate(moto: str) -> Iterator[Gate]:
    gate = Gate(urlsplit(moto).netloc)
    yield gate
    gate.server.shutdown()
    gate.server.server_close()


def _emptied(gate: Gate, moto: str) -> Gate:
    """Return the gate before an account in which there is nothing."""
    empty = urllib.request.Request(f"{moto}/moto-api/reset", method="POST")
    urllib.request.urlopen(empty, timeout=30).close()
    gate.answers, gate.asked, gate.right = {}, [], []
    # What moto lacks for every account.
    gate.serve("DescribeReservedInstancesOfSearch", b'{"ReservedInstances": []}')
    caches = xml_reply("DescribeReservedCacheNodes", "<ReservedCacheNodes/>")
    gate.answers["DescribeReservedCacheNodes"] = lambda asked: caches
    gate.serve("ValidatePolicy", b'{"findings": []}')
    gate.fault = gate.kept = None
    return gate


@pytest.fixture
def gate(_gate: Gate, moto: str, monkeypatch: pytest.MonkeyPatch) -> Gate:
    """Return an empty account, behind the gate; boto3 is led there by its own variables."""
    _emptied(_gate, moto)
    monkeypatch.setenv("AWS_ENDPOINT_URL", _gate.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return _gate


@pytest.fixture
def full_account(gate: Gate, account: Callable[..., Any]) -> None:
    """Fill the account with one of each thing, so that no call is left out for want of it."""
    _fill(gate, account)


@pytest.fixture(scope="module")
def full_gate(_gate: Gate, moto: str, _own_clients: Callable[..., Any]) -> Iterator[Gate]:
    """Return the gate before a full account, for all tests of a module; moto is asked once."""
    _fill(_emptied(_gate, moto), _own_clients)
    _gate.kept = {}
    yield _gate
    _emptied(_gate, moto)


def _fill(gate: Gate, account: Callable[..., Any]) -> None:
    for name, inner in (
        ("DescribeReservedInstances", "<reservedInstancesSet/>"),
        ("DescribeReservedDBInstances", "<ReservedDBInstances/>"),
    ):
        reply = xml_reply(name, inner, is_ec2="DB" not in name)
        gate.answers[name] = lambda asked, reply=reply: reply
    gate.serve("DescribeSavingsPlans", b'{"savingsPlans": []}')
    gate.serve("GetProducts", b'{"PriceList": []}')
    ec2 = account("ec2")
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="m6i.large"
    )
    place = {"LocationConstraint": "us-west-2"}
    account("s3").create_bucket(Bucket="logs", CreateBucketConfiguration=place)
    account("rds").create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.m6g.large", Engine="postgres",
        AllocatedStorage=20, MasterUsername="root", MasterUserPassword="moto-only",
    )  # fmt: skip
    account("elasticache").create_cache_cluster(
        CacheClusterId="cache", CacheNodeType="cache.m6g.large", Engine="redis", NumCacheNodes=1
    )
    account("opensearch").create_domain(DomainName="search")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    elb = account("elbv2")
    elb_arn = elb.create_load_balancer(Name="net", Subnets=[subnet], Type="network")
    target = elb.create_target_group(Name="web", Protocol="TCP", Port=80, VpcId=vpc)
    elb.create_listener(
        LoadBalancerArn=elb_arn["LoadBalancers"][0]["LoadBalancerArn"], Protocol="TCP", Port=80,
        DefaultActions=[{"Type": "forward",
                         "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}],
    )  # fmt: skip
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
    account("elb").create_load_balancer(
        LoadBalancerName="old", Listeners=[listener], AvailabilityZones=["us-west-2a"]
    )
    instance = {"InstanceId": made["Instances"][0]["InstanceId"]}
    account("elb").register_instances_with_load_balancer(
        LoadBalancerName="old", Instances=[instance]
    )


@pytest.fixture(scope="session")
def made_clients() -> list[Clients]:
    """Return the clients of the session: to make one takes longer than to use it."""
    return []


@pytest.fixture
def clients(gate: Gate, made_clients: list[Clients]) -> Clients:
    """Return clients that go to the gate."""
    if not made_clients:
        made_clients.append(Clients(None, REGIONS))
    return made_clients[0]


@pytest.fixture(scope="session")
def parse_once() -> Callable[..., Any]:
    """Return `parse_cost` that makes the tables of the same answers once.

    That takes two thirds of a pull, and many tests pull the same month again and again.
    """
    made: dict[str, Any] = {}

    def parse_cost(*args: Any, **kwargs: Any) -> Any:
        key = json.dumps([args, kwargs], default=str)
        if key not in made:
            made[key] = real(*args, **kwargs)
        return made[key]

    real = cost_explorer_pull.parse_cost
    return parse_cost


@pytest.fixture(scope="session")
def _own_clients(moto: str) -> Callable[..., Any]:
    import boto3

    @cache
    def client(service: str, region: str = REGIONS[0]) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return boto3.client(service, region_name=region, endpoint_url=moto, **keys)

    return client


@pytest.fixture
def account(gate: Gate, _own_clients: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gives boto3 clients of the account itself, beside the gate."""
    return _own_clients


@pytest.fixture
def caller(clients: Clients) -> Caller:
    """Return a caller without a cache."""
    return Caller(clients, now=NOW)


@pytest.fixture
def context() -> PullContext:
    """Return what a pull of October 2025 in two regions is about."""
    return PullContext(Period.month("2025-10"), NOW, REGIONS)


@pytest.fixture
def replies() -> Any:
    """Return the functions that make the gate's answers."""
    return type(
        "Replies",
        (),
        {
            "json": staticmethod(json_reply),
            "xml": staticmethod(xml_reply),
            "refusal": staticmethod(refusal),
            "reply": Reply,
        },
    )


def _without_placebo(value: Any) -> Any:
    """Return a recorded value with its times as ISO texts, as `Caller` gives them."""
    if isinstance(value, dict) and value.get("__class__") == "datetime":
        parts = {name: number for name, number in value.items() if name != "__class__"}
        return datetime(**parts, tzinfo=UTC).isoformat()
    if isinstance(value, dict):
        return {name: _without_placebo(item) for name, item in value.items()}
    return [_without_placebo(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
def recorded() -> Callable[[str], Any]:
    """Return a function that reads a recorded real answer from ``tests/data/aws``."""
    folder = Path(__file__).parents[1] / "data" / "aws"

    def read(name: str) -> Any:
        return _without_placebo(json.loads((folder / name).read_text(encoding="utf-8"))["data"])

    return read
