#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sockets under load: rill beside Node, for HTTP also nginx, if it is there, with
one process, and for the echo a plain C program.

Usage: run.py RILL ECHO LOAD [--rounds N] [--seconds S] [--node NODE] [--only WHAT]

Servers run on core 0, the load on core 1: for HTTP first wrk, then `load`, which
costs less than a server does, so that it is not the limit. The contenders take
turns, so that a noisy machine disturbs all alike. Printed are medians of the
rounds: the rate, the 99th percentile, the server's processor time for each
request, and how many times another's rate rill's is in the same round, with
quartiles. TLS: HTTPS on connections that are kept, and with a handshake for each
request. --only: http, echo or tls.
"""
import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from statistics import median, quantiles

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS = 64


class Server:
    def __init__(self, name, command, port):
        self.name, self.port, self.rounds = name, port, []
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *command, str(port)])

    def seconds(self):
        """Processor time of all its threads."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            path = f"/proc/{self.process.pid}/task/{thread}/stat"
            fields = open(path).read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / os.sysconf("SC_CLK_TCK")


def milliseconds(text):
    number, unit = re.match(r"([\d.]+)(\w+)", text).groups()
    return float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]


def load_http(server, path, seconds, scheme="http", *more):
    out = subprocess.run(
        ["taskset", "-c", "1", "wrk", "-t1", f"-c{CONNECTIONS}",
         f"-d{seconds}s", "--latency", *more,
         f"{scheme}://127.0.0.1:{server.port}{path}"],
        capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            milliseconds(re.search(r"^ +99% +(\S+)", out, re.M).group(1)),
            int(re.search(r"(\d+) requests in", out).group(1)))


def load_own(server, program, seconds, what):
    """What: bytes of a message to be echoed, or the path of a GET."""
    out = subprocess.run(
        ["taskset", "-c", "1", program, str(server.port), str(CONNECTIONS),
         str(seconds), what], capture_output=True, text=True, check=True).stdout
    rate, _, p99, count = out.split()
    return float(rate), float(p99), int(count)


def compare(title, servers, load, rounds):
    for server in servers:
        server.rounds = []
    for _ in range(rounds):
        for server in servers:
            before = server.seconds()
            rate, p99, count = load(server)
            spent = (server.seconds() - before) / count * 1e6
            server.rounds.append((rate, p99, spent))
    print(title)
    for server in servers:
        rate, p99, spent = (median(column) for column in zip(*server.rounds))
        ratios = [ours[0] / theirs[0]
                  for ours, theirs in zip(servers[0].rounds, server.rounds)]
        beside = ""
        if server is not servers[0] and rounds > 1:
            low, middle, high = quantiles(ratios, n=4, method="inclusive")
            beside = f"   rill {middle:.2f} times [{low:.2f}, {high:.2f}]"
        print(f"  {server.name:5} {rate:9.0f} /s   p99 {p99:7.2f} ms   "
              f"{spent:6.2f} us each{beside}", flush=True)


NGINX = """daemon off; master_process off; pid nginx.pid; error_log error.log;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000000;
  server {
    listen 127.0.0.1:PORT;
    location / { default_type text/plain; return 200 "Hello, World!"; }
    location /json {
      default_type application/json;
      return 200 '{"message":"Hello, World!"}';
    }
  }
}
"""


def nginx(directory):
    """Its command, to which the port is added; or nothing."""
    if shutil.which("nginx") is None:
        return []
    start = (f"cd {directory} && echo \"$1\" | sed s/PORT/$2/ >nginx.conf && "
             f"exec nginx -p {directory} -c nginx.conf -e error.log")
    return [("nginx", ["sh", "-c", start, "sh", NGINX])]


def make_key(directory):
    """A key and its certificate, which the servers find by the environment."""
    path = os.path.join(directory, "localhost.pem")
    parts = [path + ".key", path + ".cert"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
         "/CN=localhost", "-keyout", parts[0], "-out", parts[1]],
        check=True, capture_output=True)
    with open(path, "w") as out:
        out.write("".join(open(part).read() for part in parts))
    os.environ["TLS_PEM"] = path


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rill")
    parser.add_argument("echo")
    parser.add_argument("load")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--node", default="node")
    parser.add_argument("--only", choices=["http", "echo", "tls"])
    options = parser.parse_args()
    has_node = shutil.which(options.node) is not None

    def contenders(name, *more):
        listed = [("rill", [options.rill, "run", f"{HERE}/{name}.mjs"])]
        if has_node:
            listed.append(("node", [options.node, f"{HERE}/{name}-node.mjs"]))
        listed += more
        servers = [Server(who, command, 18000 + i)
                   for i, (who, command) in enumerate(listed)]
        time.sleep(1)
        return servers

    def stop(servers):
        for server in servers:
            server.process.kill()
            server.process.wait()

    def http():
        directory = tempfile.TemporaryDirectory()
        servers = contenders("http", *nginx(directory.name))
        try:
            for path in ("/", "/json"):
                compare(f"HTTP GET {path}, {CONNECTIONS} connections, wrk",
                        servers,
                        lambda s, path=path: load_http(s, path, options.seconds),
                        options.rounds)
                compare(f"HTTP GET {path}, {CONNECTIONS} connections, load",
                        servers,
                        lambda s, path=path: load_own(s, options.load,
                                                      options.seconds, path),
                        options.rounds)
        finally:
            stop(servers)
            directory.cleanup()

    def echo():
        servers = contenders("echo", ("C", [options.echo]))
        try:
            compare(f"TCP echo of 64 bytes, {CONNECTIONS} connections", servers,
                    lambda s: load_own(s, options.load, options.seconds, "64"),
                    options.rounds)
        finally:
            stop(servers)

    def tls():
        with tempfile.TemporaryDirectory() as directory:
            make_key(directory)
            servers = contenders("http")
            try:
                compare(f"HTTPS GET /, {CONNECTIONS} connections", servers,
                        lambda s: load_http(s, "/", options.seconds, "https"),
                        options.rounds)
                compare("HTTPS GET /, a handshake for each", servers,
                        lambda s: load_http(s, "/", options.seconds, "https",
                                            "-H", "Connection: close"),
                        options.rounds)
            finally:
                stop(servers)

    for measure in (http, echo, tls):
        if options.only in (None, measure.__name__):
            measure()


main()
