"""Evidence from a real Prometheus, Alertmanager and Redis Cluster, and from servers that fail.

The programs are Debian's, on free ports of loopback and in temporary folders; they end with the
tests. Where they are not installed the tests are skipped, unless ``PRISM_REQUIRE_SERVERS`` is set.
"""

import json
import os
import random
import shutil
import socket
import subprocess
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from io import BytesIO

import pytest
from small_server import serving

from prismlib.errors import ParameterError
from prismlib.periods import Period
from prismlib.sources.collecting import PullContext
from prismlib.sources.evidence import Look
from prismlib.sources.evidence_http import (
    UnreachableError,
    collect_alertmanager,
    collect_grafana,
    collect_prometheus,
    parse_address,
    rule_facts,
    sending_receivers,
)
from prismlib.sources.evidence_redis import (
    REDIS_CHECKS,
    Node,
    collect_redis,
    parse_redis_address,
    read_answer,
    zone_facts,
)

NOW = datetime(2025, 11, 16, 12, tzinfo=UTC)
STARTS_IN_S = 60


def program(name):
    found = shutil.which(name)
    if not found and os.environ.get("PRISM_REQUIRE_SERVERS"):
        pytest.fail(f"{name} is not installed")
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def free_port():
    """Return a port that is free, and the one 10,000 above too: that is a node's cluster bus.

    Both are below those that the system gives to connections, which may take one meanwhile.
    """
    while True:
        port = random.randrange(11_000, 20_000)
        with ExitStack() as stack:
            try:
                for number in (port, port + 10_000):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except OSError:
                continue
        return port


def wait_until(is_ready, what):
    end = time.monotonic() + STARTS_IN_S
    while time.monotonic() < end:
        try:
            if is_ready():
                return
        except (OSError, ValueError, UnreachableError):
            pass
        time.sleep(0.1)
    pytest.fail(f"{what} did not start within {STARTS_IN_S} s")


@contextmanager
def running(*command, folder):
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def answers(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


class NoAccount:
    """An account in which no instance runs."""

    def pages(self, service, operation, **options):
        assert (service, operation) == ("ec2", "describe_instances")
        return iter([{"Reservations": []}])


@pytest.fixture
def bare_look():
    return Look(NoAccount(), PullContext(Period.month("2025-10"), NOW, ("us-west-2",)))


def values(facts):
    return {one.check_id: one.value for one in facts}


# --- Prometheus and Alertmanager ------------------------------------------------------------------

RULES = """
groups:
- name: redis
  rules:
  - alert: RedisDown
    expr: up{job="redis"} == 0
    annotations: {runbook_url: "https://runbooks/redis-down"}
  - alert: NoRunbook
    expr: up == 0
  - record: job:up:sum
    expr: sum by (job) (up)
- name: broken
  rules:
  - alert: Broken
    expr: 'label_replace({__name__=~"up|scrape_duration_seconds"}, "__name__", "x", "", "")'
    annotations: {runbook: "https://runbooks/broken"}
"""
RECEIVERS = """
route: {receiver: pager, routes: [{receiver: chat}]}
receivers:
- name: pager
  webhook_configs: [{url: "http://127.0.0.1:9/secret-path"}]
- name: chat
  slack_configs: [{api_url: "http://127.0.0.1:9/x", channel: "#ops"}]
- name: nobody
"""


@pytest.fixture(scope="module")
def alertmanager(tmp_path_factory):
    folder = tmp_path_factory.mktemp("alertmanager")
    (folder / "config.yml").write_text(RECEIVERS)
    port = free_port()
    command = (
        program("prometheus-alertmanager"),
        f"--config.file={folder / 'config.yml'}",
        f"--storage.path={folder}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    )
    url = f"http://127.0.0.1:{port}"
    with running(*command, folder=folder):
        wait_until(lambda: answers(f"{url}/api/v2/status"), "Alertmanager")
        yield url


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory, alertmanager):
    """Prometheus that scrapes itself and two targets that are not there."""
    folder = tmp_path_factory.mktemp("prometheus")
    port = free_port()
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(folder / "rules.yml")],
        "alerting": {
            "alertmanagers": [
                {"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}
            ]
        },
        "scrape_configs": [
            {"job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]},
            {
                "job_name": "redis",
                "static_configs": [{"targets": ["127.0.0.1:9", "127.0.0.1:10"]}],
            },
        ],
    }
    (folder / "rules.yml").write_text(RULES)
    (folder / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    command = (
        program("prometheus"),
        f"--config.file={folder / 'config.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )
    url = f"http://127.0.0.1:{port}"

    def is_ready():
        targets = answers(f"{url}/api/v1/targets")["data"]["activeTargets"]
        groups = answers(f"{url}/api/v1/rules")["data"]["groups"]
        senders = answers(f"{url}/api/v1/alertmanagers")["data"]["activeAlertmanagers"]
        known = [one["health"] for one in targets + [r for g in groups for r in g["rules"]]]
        # One rule fails as soon as there is something to evaluate.
        return senders and len(known) == 7 and "unknown" not in known and "err" in known

    with running(*command, folder=folder):
        wait_until(is_ready, "Prometheus")
        yield url


def test_a_real_prometheus_says_what_it_scrapes_and_what_alerts(prometheus, bare_look):
    """One of three targets answers; of three alert rules one has no runbook, and one is broken."""
    facts = collect_prometheus(bare_look, [parse_address("--prometheus", prometheus)])
    assert values(facts) == {
        "monitoring.targets": 1,
        "monitoring.down": 2,
        "monitoring.unwatched": 0,
        "monitoring.alertmanagers": 1,
        "monitoring.rules": 3,
        "monitoring.runbooks": 1,
        "monitoring.broken_rules": 1,
    }
    detail = {one.check_id: one.detail for one in facts}
    assert detail["monitoring.down"] == "redis 127.0.0.1:10, redis 127.0.0.1:9"
    assert detail["monitoring.runbooks"] == "NoRunbook"
    assert detail["monitoring.broken_rules"] == "Broken"


def test_two_servers_that_scrape_the_same_count_it_once(prometheus, bare_look):
    again = prometheus.replace("127.0.0.1", "localhost")
    addresses = [parse_address("--prometheus", url) for url in (prometheus, again)]
    facts = collect_prometheus(bare_look, addresses)
    seen = values(facts)
    assert (seen["monitoring.targets"], seen["monitoring.rules"]) == (1, 3)


def test_one_server_of_two_that_is_down_leaves_its_part_unknown(prometheus, bare_look):
    gone = f"http://127.0.0.1:{free_port()}"
    addresses = [parse_address("--prometheus", url) for url in (prometheus, gone)]
    facts = collect_prometheus(bare_look, addresses)
    targets = [one for one in facts if one.check_id == "monitoring.targets"]
    assert [one.value for one in targets] == [1, None]
    assert gone in targets[1].reason


def test_a_real_alertmanager_has_two_receivers_that_send_and_one_that_does_not(alertmanager):
    (fact,) = collect_alertmanager(parse_address("--alertmanager", alertmanager))
    assert fact.value == 2
    assert fact.detail == "pager, chat; sends nowhere: nobody"
    assert "secret-path" not in repr(fact)


def test_sending_receivers_of_a_configuration():
    assert sending_receivers(RECEIVERS) == ["pager", "chat"]
    assert (
        sending_receivers("")
        == sending_receivers("receivers: [{name: a, slack_configs: []}]")
        == []
    )


def test_recording_rules_are_no_alerts():
    rules = [{"type": "recording", "name": "a", "health": "ok"}]
    assert {one.value for one in rule_facts(rules, "here")} == {0}


# --- servers that fail ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((401, b""), "asks for a login (401)"),
        ((403, b""), "asks for a login (403)"),
        ((500, b"broken"), "answered 500"),
        ((404, b""), "answered 404"),
        ((302, b"", {"Location": "http://192.0.2.1/"}), "answered 302"),
        ((200, b"<html>Please log in</html>"), "gave no JSON"),
        ((200, b'{"status": "success"}'), "in another form"),
        ((200, b"[1]"), "in another form"),
    ],
)
def test_an_answer_that_is_none_is_unknown_with_the_address(reply, words, bare_look):
    with serving(lambda path: reply) as (url, _):
        facts = [
            *collect_prometheus(bare_look, [parse_address("--prometheus", url)]),
            *collect_alertmanager(parse_address("--alertmanager", url)),
            *collect_grafana(parse_address("--grafana", url)),
        ]
    assert {one.value for one in facts} == {None}
    # Every check has its row.
    assert len({one.check_id for one in facts}) == 7 + 1 + 1
    assert all(words in one.reason and url in one.reason for one in facts)


def test_nobody_there_is_unknown(bare_look):
    url = f"http://127.0.0.1:{free_port()}"
    facts = collect_prometheus(bare_look, [parse_address("--prometheus", url)])
    assert len(facts) == 7
    assert all(f"{url} does not answer" in one.reason for one in facts)


def test_dashboards_are_read_page_by_page(monkeypatch):
    monkeypatch.setattr("prismlib.sources.evidence_http.PAGE", 2)
    titles = ["Infrastructure Overview", "Redis Performance", "Cost Tracking"]

    def reply(path):
        page = int(path.rpartition("=")[2])
        found = [{"uid": t, "title": t} for t in titles[2 * (page - 1) : 2 * page]]
        return 200, json.dumps(found).encode()

    with serving(reply) as (url, asked):
        (fact,) = collect_grafana(parse_address("--grafana", url, token="t0ken"))
    assert (fact.value, len(asked)) == (3, 2)
    assert fact.detail == "Cost Tracking, Infrastructure Overview, Redis Performance"
    assert asked[0][1]["authorization"] == "Bearer t0ken"


def test_a_login_is_sent_and_never_written_down():
    with serving(lambda path: (401, b"")) as (url, asked):
        with_login = url.replace("http://", "http://me:s%3Acret@")
        (fact,) = collect_grafana(parse_address("--grafana", with_login, token="unused"))
    assert asked[0][1]["authorization"] == "Basic bWU6czpjcmV0"  # me:s:cret
    assert "cret" not in repr(fact)


@pytest.mark.parametrize(
    "text", ["", "prometheus:9090", "ftp://a", "http://", "http://a:b:c", "http://a/?x=1"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ParameterError, match="--prometheus"):
        parse_address("--prometheus", text)


def test_a_refused_address_does_not_show_its_login():
    with pytest.raises(ParameterError) as caught:
        parse_address("--grafana", "ftp://me:secret@host")
    assert "secret" not in str(caught.value)


# --- Redis ----------------------------------------------------------------------------------------


@contextmanager
def redis_nodes(folder, count, *options):
    with ExitStack() as stack:
        ports = []
        for number in range(count):
            port = free_port()
            place = folder / f"node-{number}"
            place.mkdir()
            command = (
                program("redis-server"),
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                *options,
            )
            stack.enter_context(running(*command, folder=place))
            ports.append(port)
        for port in ports:
            wait_until(lambda port=port: ping(port), "Redis")
        yield ports


def ping(port):
    with socket.create_connection(("127.0.0.1", port), timeout=2) as wire:
        wire.sendall(b"*1\r\n$4\r\nPING\r\n")
        return wire.recv(7).startswith((b"+PONG", b"-NOAUTH"))


def replicas(facts):
    return [one.value for one in facts if one.check_id == "redis.replicas"]


CLUSTER = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Three shards with two replicas each, on nine servers."""
    cli = program("redis-cli")
    with redis_nodes(tmp_path_factory.mktemp("redis"), 9, *CLUSTER) as ports:
        nodes = [f"127.0.0.1:{port}" for port in ports]
        create = [cli, "--cluster", "create", *nodes, "--cluster-replicas", "2", "--cluster-yes"]
        subprocess.run(create, check=True, timeout=90, capture_output=True)
        look = Look(NoAccount(), PullContext(Period.month("2025-10"), NOW, ("us-west-2",)))

        def is_whole():
            """Return whether every node has heard of all replicas that they are there."""
            return all(
                replicas(collect_redis(look, parse_redis_address(node))) == [2, 2, 2]
                for node in nodes
            )

        wait_until(is_whole, "the cluster")
        yield nodes


def test_a_real_cluster_is_read_from_one_of_its_nodes(cluster, bare_look):
    facts = collect_redis(bare_look, parse_redis_address(cluster[4]))
    seen = values(facts)
    assert (seen["redis.state"], seen["redis.slots"], seen["redis.primaries"]) == (1, 16384, 3)
    assert replicas(facts) == [2, 2, 2]
    # No instance of the account has the address 127.0.0.1, so zones are not known.
    assert seen["redis.zones"] is seen["redis.primary_zone"] is None


def test_nodes_that_were_never_joined_fail(tmp_path, bare_look):
    """The state that the memo describes: each instance on its own."""
    with redis_nodes(tmp_path, 1, *CLUSTER) as (port,):
        facts = collect_redis(bare_look, parse_redis_address(f"127.0.0.1:{port}"))
    seen = values(facts)
    assert [seen[check] for check in REDIS_CHECKS[:4]] == [0, 0, 0, 0]
    assert [seen[check] for check in REDIS_CHECKS[4:]] == [None, None]


def test_a_server_without_cluster_mode_fails(tmp_path, bare_look):
    with redis_nodes(tmp_path, 1) as (port,):
        facts = collect_redis(bare_look, parse_redis_address(f"127.0.0.1:{port}"))
    assert [one.value for one in facts][:4] == [0, 0, 0, 0]
    assert "no cluster mode" in facts[0].detail


def test_a_login_from_the_environment_and_one_that_is_missing(tmp_path, bare_look, monkeypatch):
    with redis_nodes(tmp_path, 1, *CLUSTER, "--requirepass", "s3cret") as (port,):
        address = parse_redis_address(f"127.0.0.1:{port}")
        refused = collect_redis(bare_look, address)
        monkeypatch.setenv("PRISM_REDIS_PASSWORD", "s3cret")
        allowed = collect_redis(bare_look, address)
    assert {one.value for one in refused} == {None}
    assert all("NOAUTH" in one.reason for one in refused)
    assert values(allowed)["redis.state"] == 0
    assert "s3cret" not in repr(allowed)


def test_a_user_without_the_permission_is_unknown_and_says_which(tmp_path, bare_look, monkeypatch):
    user = ("--user", "prism", "on", ">word", "~*", "+cluster|info")
    with redis_nodes(tmp_path, 1, *CLUSTER, *user) as (port,):
        monkeypatch.setenv("PRISM_REDIS_USER", "prism")
        monkeypatch.setenv("PRISM_REDIS_PASSWORD", "word")
        facts = collect_redis(bare_look, parse_redis_address(f"127.0.0.1:{port}"))
    blind = {one.check_id: one.reason for one in facts if one.value is None}
    assert "cluster|shards" in blind["redis.primaries"]


def test_no_redis_there_is_unknown(bare_look):
    port = free_port()
    facts = collect_redis(bare_look, parse_redis_address(f"127.0.0.1:{port}"))
    assert {one.check_id for one in facts} == set(REDIS_CHECKS)
    assert all(f":{port} does not answer" in one.reason for one in facts)


def test_something_else_than_redis_is_unknown(bare_look):
    with serving(lambda path: (200, b"")) as (url, _):
        facts = collect_redis(bare_look, parse_redis_address(url.removeprefix("http://")))
    assert {one.value for one in facts} == {None}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"+OK\r\n", "OK"),
        (b":42\r\n", 42),
        (b"$-1\r\n", None),
        (b"$5\r\na\r\nbc\r\n", "a\r\nbc"),
        (b"*2\r\n$1\r\na\r\n*1\r\n:1\r\n", ["a", [1]]),
        (b"*0\r\n", []),
    ],
)
def test_read_answer(body, expected):
    assert read_answer(BytesIO(body)) == expected


@pytest.mark.parametrize(
    "body",
    [b"", b"+OK", b"$5\r\nab", b"$x\r\n", b"!1\r\n", b"$99999999999\r\n", b"*1\r\n" * 50],
)
def test_read_answer_refuses_what_is_not_whole(body):
    with pytest.raises(ValueError):
        read_answer(BytesIO(body))


def shard(*zones):
    return [Node(f"10.0.{zone}.{n}", n == 0, True) for n, zone in enumerate(zones)]


def test_zones_of_shards_by_the_addresses_of_instances():
    """The memo's runbook: all primaries in one zone. Its replicas are where they should be."""
    zones = {f"10.0.{zone}.{n}": f"us-west-2{'abc'[zone]}" for zone in range(3) for n in range(3)}
    seen = values(zone_facts([shard(0, 1, 2), shard(0, 1, 2)], zones, "here"))
    assert seen == {"redis.zones": 0, "redis.primary_zone": 1}
    seen = values(zone_facts([shard(0, 1, 2), shard(1, 1, 2), shard(2, 0, 1)], zones, "here"))
    assert seen == {"redis.zones": 1, "redis.primary_zone": 3}
    seen = values(zone_facts([shard(0, 1)], {}, "here"))
    assert seen == {"redis.zones": None, "redis.primary_zone": None}
    (zone, primary) = zone_facts([shard(0, 1)], "needs ec2:DescribeInstances", "here")
    assert zone.reason == primary.reason == "needs ec2:DescribeInstances"


@pytest.mark.parametrize("text", ["", "host", "http://a:1", "redis://me:pw@a:1", "a:x"])
def test_what_is_no_address_of_redis_is_refused(text):
    with pytest.raises(ParameterError) as caught:
        parse_redis_address(text)
    assert "pw" not in str(caught.value)


def test_redis_addresses():
    assert parse_redis_address("a:6379").shown == "redis://a:6379"
    assert parse_redis_address("rediss://a:1").is_encrypted
