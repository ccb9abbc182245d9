#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peers that behave badly, against a running rill.

Usage: test_faults.py RILL

After each fault the servers still answer; in the end no descriptor is left.
"""
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
GET = b"GET %s HTTP/1.1\r\nHost: a\r\n\r\n"


class Program:
    def __init__(self, rill, descriptors=None):
        def limit():
            if descriptors is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE,
                                   (descriptors, descriptors))
        self.process = subprocess.Popen(
            [rill, "run", os.path.join(HERE, "server.mjs")],
            stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        self.http, self.echo = map(int, self.process.stdout.readline().split())
        self.idle = self.descriptors()

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def connect(self, port, timeout=10):
        s = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        s.settimeout(timeout)
        return s

    def check(self):
        """Both servers answer a decent peer."""
        assert self.process.poll() is None, "the program has ended"
        with self.connect(self.http) as s:
            s.sendall(GET % b"/")
            assert read_all(s, b"ok").endswith(b"ok")
        with self.connect(self.echo) as s:
            s.sendall(b"hello")
            assert read_all(s, b"hello") == b"hello"

    def settle(self):
        """All descriptors of connections are closed."""
        end = time.time() + 10
        while self.descriptors() > self.idle and time.time() < end:
            time.sleep(0.05)
        left = self.descriptors() - self.idle
        assert left <= 0, f"{left} descriptors are left"


def read_all(s, until=None):
    data = b""
    while until is None or not data.endswith(until):
        piece = s.recv(65536)
        if not piece:
            break
        data += piece
    return data


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def resets(program):
    for text in (b"", b"GET / HT", GET % b"/", GET % b"/slow",
                 GET % b"/big", GET % b"/stream",
                 b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx",
                 (GET % b"/slow") * 20):
        for wait in (0, 0.02):
            s = program.connect(program.http)
            s.sendall(text)
            time.sleep(wait)
            reset(s)
    for _ in range(10):
        s = program.connect(program.echo)
        s.sendall(b"x" * 100000)
        reset(s)


def stalls(program):
    # Who does not send, and who does not read, is dropped in time.
    silent = program.connect(program.http)
    partial = program.connect(program.http)
    partial.sendall(b"GET / HTTP/1.1\r\nHos")
    body = program.connect(program.http)
    body.sendall(b"POST /body HTTP/1.1\r\nHost: a\r\n"
                 b"Content-Length: 100\r\n\r\nabc")
    drip = program.connect(program.http)
    deaf = program.connect(program.http)
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(GET % b"/big")
    deaf_stream = program.connect(program.http)
    deaf_stream.sendall(GET % b"/stream")
    for byte in b"GET / HTTP/1.1\r\n":
        try:
            drip.sendall(bytes([byte]))
        except OSError:
            break
        time.sleep(0.05)
    assert read_all(silent) == b""
    assert b" 408 " in read_all(partial)
    assert b" 408 " in read_all(body)
    assert b" 408 " in read_all(drip)
    program.settle()
    for s in (silent, partial, body, drip, deaf, deaf_stream):
        s.close()


def half_closes(program):
    with program.connect(program.http) as s:
        s.sendall(GET % b"/slow" + GET % b"/")
        s.shutdown(socket.SHUT_WR)
        answer = read_all(s)
        assert answer.count(b"HTTP/1.1 200") == 2, answer
    with program.connect(program.http) as s:
        s.sendall(b"POST /body HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Length: 9\r\n\r\nabc")
        s.shutdown(socket.SHUT_WR)
        assert read_all(s) == b""
    with program.connect(program.echo) as s:
        s.sendall(b"x" * 200000)
        s.shutdown(socket.SHUT_WR)
        assert len(read_all(s)) == 200000


def garbage(program):
    generator = random.Random(1)
    for _ in range(200):
        s = program.connect(program.http)
        try:
            s.sendall(generator.randbytes(generator.randrange(1, 5000)))
            s.shutdown(socket.SHUT_WR)
            answer = read_all(s)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), answer
        except ConnectionError:
            pass
        s.close()


def pipelines(program):
    # Far more than a socket buffer holds, both ways.
    count = 20000
    s = program.connect(program.http)
    pid = os.fork()
    if pid == 0:
        try:
            s.sendall((GET % b"/") * count)
        finally:
            os._exit(0)
    answers, data = 0, b""
    while answers < count:
        piece = s.recv(65536)
        assert piece, answers
        data += piece
        answers += data.count(b"\r\n\r\nok")
        data = data[data.rfind(b"\r\n\r\nok") + 6:] if b"\r\n\r\nok" in data \
            else data
    os.waitpid(pid, 0)
    s.close()


def exhaustion(rill):
    program = Program(rill, descriptors=40)
    for port in (program.http, program.echo):
        sockets = []
        for _ in range(80):
            try:
                s = program.connect(port, timeout=2)
                s.setblocking(False)
                sockets.append(s)
            except OSError:
                pass
        time.sleep(0.3)
        assert program.process.poll() is None
        for s in sockets:
            s.close()
        time.sleep(0.3)
        program.check()
    program.settle()
    program.process.kill()
    program.process.wait()


def main(rill):
    program = Program(rill)
    try:
        program.check()
        for fault in (resets, stalls, half_closes, garbage, pipelines):
            fault(program)
            program.check()
            program.settle()
            print(fault.__name__)
        exhaustion(rill)
        print("exhaustion")
    finally:
        program.process.kill()
        program.process.wait()


main(sys.argv[1])
