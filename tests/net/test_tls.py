#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS of rill against Python's ssl and the openssl command, both ways, with
peers that do it right and peers that do not.

Usage: test_tls.py RILL

Keys and certificates are made for the run, by the openssl command.
"""
import json
import os
import random
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import warnings

HERE = os.path.dirname(os.path.abspath(__file__))


def openssl(*arguments, **more):
    return subprocess.run(["openssl", *arguments], check=True,
                          capture_output=True, **more).stdout


class Keys:
    """ca, server (localhost), other (*.other.example), client, expired and
    selfsigned, in a directory: NAME.pem and NAME.key."""

    def __init__(self):
        self.directory = tempfile.mkdtemp()
        self.certificate("ca", "Test CA", None)
        self.certificate("server", "localhost", "ca",
                         "DNS:localhost,IP:127.0.0.1")
        self.certificate("other", "a.other.example", "ca",
                         "DNS:*.other.example")
        self.certificate("client", "a client", "ca")
        self.certificate("expired", "localhost", "ca", "DNS:localhost", days=-1)
        self.certificate("selfsigned", "localhost", None, "DNS:localhost")
        # The client's key has a passphrase.
        openssl("pkey", "-in", self["client.key"], "-aes256", "-passout",
                "pass:secret", "-out", self["locked.key"])
        os.replace(self["locked.key"], self["client.key"])

    def __getitem__(self, name):
        return os.path.join(self.directory, name)

    def certificate(self, name, subject, issuer, names=None, days=3650):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-out", self[name + ".key"])
        request = ["req", "-new", "-key", self[name + ".key"], "-subj",
                   f"/CN={subject}"]
        if names is not None:
            request += ["-addext", f"subjectAltName={names}"]
        if issuer is None:
            openssl(*request, "-x509", "-days", str(days), "-out",
                    self[name + ".pem"])
            return
        wanted = openssl(*request)
        openssl("x509", "-req", "-CA", self[issuer + ".pem"], "-CAkey",
                self[issuer + ".key"], "-CAcreateserial", "-days", str(days),
                "-copy_extensions", "copy", "-out", self[name + ".pem"],
                input=wanted)


# rill as the client -----------------------------------------------------------

class Listener(threading.Thread):
    """Answers each connection by a function of the raw socket."""

    def __init__(self, answer):
        super().__init__(daemon=True)
        self.answer = answer
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            s, _ = self.socket.accept()
            s.settimeout(20)
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        try:
            self.answer(s)
        except OSError:
            pass
        finally:
            s.close()


def server_context(keys, name="server"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys[name + ".pem"], keys[name + ".key"])
    return context


def secure(context, action):
    def answer(s):
        with context.wrap_socket(s, server_side=True,
                                 suppress_ragged_eofs=False) as t:
            action(t)
    return answer


def echo(t):
    while True:
        data = t.recv(65536)
        if not data:
            break
        t.sendall(data)
    t.unwrap()


def at_the_end(t):
    """Answers only once the client has said that it ends."""
    data = b""
    while True:
        piece = t.recv(65536)
        if not piece:
            break
        data += piece
    t.sendall(data * 100)
    t.unwrap()


def truncate(t):
    t.sendall(b"x" * 1000)
    time.sleep(0.1)
    os.close(t.detach())


def starttls(context):
    def answer(s):
        assert s.recv(100) == b"please\n"
        s.sendall(b"go\n")
        secure(context, echo)(s)
    return answer


def reset(s):
    s.recv(1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def https(t):
    t.recv(65536)
    t.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    time.sleep(0.2)


def clients(rill, keys):
    good = server_context(keys)
    mutual = server_context(keys)
    mutual.verify_mode = ssl.CERT_REQUIRED
    mutual.load_verify_locations(keys["ca.pem"])
    alpn = server_context(keys)
    alpn.set_alpn_protocols(["one", "two"])

    def who(t):
        t.sendall(str(t.getpeercert()["subject"][0][0][1]).encode())
        t.unwrap()

    listeners = {
        "good": secure(good, echo),
        "echo": secure(good, echo),
        "expired": secure(server_context(keys, "expired"), echo),
        "selfsigned": secure(server_context(keys, "selfsigned"), echo),
        "plain": lambda s: s.sendall(b"220 hello, this is no TLS\r\n"),
        "garbage": lambda s: s.sendall(random.Random(1).randbytes(3000)),
        "hangup": lambda s: s.recv(10),
        "reset": reset,
        "half": secure(good, at_the_end),
        "truncate": secure(good, truncate),
        "stall": lambda s: time.sleep(2),
        "mutual": secure(mutual, who),
        "alpn": secure(alpn, echo),
        "starttls": starttls(good),
        "https": secure(good, https),
    }
    ports = {name: Listener(answer).port for name, answer in listeners.items()}
    out = subprocess.run(
        [rill, "run", os.path.join(HERE, "tls_client.mjs"), keys.directory,
         json.dumps(ports)], stdout=subprocess.PIPE, text=True, timeout=60,
        check=True).stdout
    results = dict(json.loads(line) for line in out.splitlines())
    expected = {
        "good": "hello",
        "address": "connected",
        "untrusted": "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        "unverified": [False, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
        "wrong name": "ERR_TLS_CERT_ALTNAME_INVALID",
        "expired": "CERT_HAS_EXPIRED",
        "self-signed": "DEPTH_ZERO_SELF_SIGNED_CERT",
        "plain server": "ERR_SSL_WRONG_VERSION_NUMBER",
        "garbage": "ERR_SSL_WRONG_VERSION_NUMBER",
        "hangs up": "ECONNRESET",
        "resets": "ECONNRESET",
        "old": "TLSv1.2",
        "half close": ["end", 100000],
        "truncated": ["ERR_SSL_UNEXPECTED_EOF_WHILE_READING", 1000],
        "stalled": "ETIMEDOUT",
        "timeout": 23,  # DOMException.TIMEOUT_ERR
        "aborted": 20,  # DOMException.ABORT_ERR
        "no certificate": ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", 0],
        "certificate": ["end", len("a client")],
        "wrong passphrase": "ERR_OSSL_BAD_DECRYPT",
        "wrong key": "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
        "alpn": "two",
        "first": [False, True],
        "resumed": True,
        "echo": 1 << 20,
        "starttls": ["go\n", "inside", "TLSv1.3"],
        "websocket refused": "Error",
        "no cert": "TypeError",
        "no key": "TypeError",
        "bad pem": "ERR_OSSL_PEM_NO_START_LINE",
        "wrong pair": "ERR_OSSL_X509_KEY_VALUES_MISMATCH",
        "bad version": "ERR_TLS_INVALID_PROTOCOL_VERSION",
        "https": "ok",
        "https unverified": "ok",
        "https untrusted": "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "fetch untrusted": "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    }
    wrong = [(name, results.get(name), expected.get(name))
             for name in {**expected, **results}
             if results.get(name) != expected.get(name)]
    assert not wrong, wrong


# rill as the server -----------------------------------------------------------

class Program:
    def __init__(self, rill, keys):
        self.process = subprocess.Popen(
            [rill, "run", os.path.join(HERE, "tls_server.mjs"), keys.directory],
            stdout=subprocess.PIPE, text=True)
        self.keys = keys
        self.ports = json.loads(self.process.stdout.readline())
        self.context = self.client()
        with self.connect("echo") as t:  # libraries are loaded, buffers made
            t.sendall(b"x")
            t.recv(1)
            self.end(t)
        time.sleep(0.1)
        self.idle = self.descriptors()

    def client(self, trust="ca", own=None, password=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.keys[trust + ".pem"])
        if own is not None:
            context.load_cert_chain(self.keys[own + ".pem"],
                                    self.keys[own + ".key"], password)
        return context

    def raw(self, name):
        return socket.create_connection(("127.0.0.1", self.ports[name]),
                                        timeout=10)

    def connect(self, name, context=None, host="localhost", session=None):
        return (context or self.context).wrap_socket(
            self.raw(name), server_hostname=host, session=session,
            suppress_ragged_eofs=False)

    @staticmethod
    def end(t):
        """The end of both sides."""
        raw = t.unwrap()
        raw.close()

    def said(self, *expected):
        line = self.process.stdout.readline().strip()
        assert line in expected, (line, expected)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def settle(self):
        end = time.time() + 10
        while self.descriptors() > self.idle and time.time() < end:
            time.sleep(0.05)
        left = self.descriptors() - self.idle
        assert left <= 0, f"{left} descriptors are left"


def receive(t, length):
    data = bytearray()
    while len(data) < length:
        piece = t.recv(65536)
        assert piece, "the end came early"
        data += piece
    return bytes(data)


def handshakes(program):
    with program.connect("echo") as t:
        assert t.version() == "TLSv1.3"
        t.sendall(b"hello")
        assert t.recv(100) == b"hello"
        program.end(t)
    old = program.client()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with program.connect("echo", old) as t:
        assert t.version() == "TLSv1.2"
        program.end(t)
    # What nobody should speak any more.
    ancient = program.client()
    ancient.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):
        ancient.minimum_version = ancient.maximum_version = ssl.TLSVersion.TLSv1
    try:
        program.connect("echo", ancient).close()
        raise AssertionError("TLS 1.0 was accepted")
    except (ssl.SSLError, ConnectionError):
        program.said("ERR_SSL_UNSUPPORTED_PROTOCOL")
    out = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{program.ports['echo']}",
         "-CAfile", program.keys["ca.pem"], "-verify_return_error", "-quiet",
         "-no_ign_eof", "-servername", "localhost", "-alpn", "two"],
        input=b"by the command\n", capture_output=True, timeout=10, check=True)
    assert out.stderr.count(b"verify return:1") == 2, out.stderr


def alpn(program):
    context = program.client()
    context.set_alpn_protocols(["x", "two"])
    with program.connect("echo", context) as t:
        assert t.selected_alpn_protocol() == "two"
        program.end(t)
    context.set_alpn_protocols(["x"])
    try:
        program.connect("echo", context).close()
        raise AssertionError("no common protocol, and yet a handshake")
    except ssl.SSLError as error:
        assert "no application protocol" in str(error), error
        program.said("ERR_SSL_NO_APPLICATION_PROTOCOL")


def certificates(program):
    with program.connect("mutual", program.client(own="client",
                                                  password="secret")) as t:
        assert t.recv(100) == b"a client\n"
        program.end(t)
    for own in (None, "selfsigned"):
        try:
            t = program.connect("mutual", program.client(own=own))
            t.recv(1)
            raise AssertionError(f"{own} was accepted")
        except (ssl.SSLError, ConnectionError):
            t.close()
        program.said("ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE",
                     "DEPTH_ZERO_SELF_SIGNED_CERT")


def names(program):
    for port in ("sni", "map"):
        with program.connect(port, host="localhost") as t:
            assert t.recv(100) == b"localhost\n"
        with program.connect(port, host="a.other.example") as t:
            assert t.recv(100) == b"a.other.example\n"
    for _ in range(2):
        program.said("echo ERR_SSL_UNEXPECTED_EOF_WHILE_READING")
    for _ in range(2):
        program.said("echo ERR_SSL_UNEXPECTED_EOF_WHILE_READING")
    for name, code in (("fails.example", "ERR_TLS_SNI"),
                       ("wrong.example", "ERR_TLS_INVALID_CONTEXT")):
        try:
            program.connect("sni", host=name).close()
            raise AssertionError("sni failed, and yet a handshake")
        except (ssl.SSLError, ConnectionError):
            program.said(code)
    # Who leaves while the script is choosing.
    s = program.raw("sni")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    t = program.context.wrap_bio(incoming, outgoing,
                                 server_hostname="a.other.example")
    try:
        t.do_handshake()
    except ssl.SSLWantReadError:
        pass
    s.sendall(outgoing.read())
    s.close()
    program.said("ECONNRESET", "EPIPE")


def resumption(program):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = program.client()
        context.maximum_version = version
        with program.connect("echo", context) as t:
            t.sendall(b"x")
            t.recv(1)
            session = t.session
            program.end(t)
        with program.connect("echo", context, session=session) as t:
            assert t.session_reused
            program.end(t)


def renegotiation(program):
    context = program.client()
    process = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{program.ports['echo']}",
         "-tls1_2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    process.stdin.write(b"hello\n")
    process.stdin.flush()
    time.sleep(0.3)
    process.stdin.write(b"R\n")
    process.stdin.flush()
    out, _ = process.communicate(timeout=10)
    assert b"no renegotiation" in out, out[-500:]
    with program.connect("echo", context) as t:
        program.end(t)
    # Whether it ended with an alert or by closing is the command's choice.
    program.said("echo ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
                 "echo ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
                 "echo ERR_SSL_TLSV1_ALERT_NO_RENEGOTIATION",
                 "echo ECONNRESET")


def backpressure(program):
    """Far more than all buffers hold; nobody reads while it is sent."""
    t = program.connect("echo")
    data = random.Random(2).randbytes(1 << 20)
    sender = threading.Thread(target=t.sendall, args=(data * 8,))
    sender.start()
    time.sleep(0.3)
    got = receive(t, len(data) * 8)
    sender.join()
    assert got == data * 8
    program.end(t)


def faults(program):
    # Plain HTTP, garbage, a handshake that stalls, is cut off, is reset.
    s = program.raw("echo")
    s.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    while s.recv(1000):
        pass
    s.close()
    program.said("ERR_SSL_HTTP_REQUEST")
    generator = random.Random(3)
    for _ in range(50):
        s = program.raw("echo")
        try:
            s.sendall(generator.randbytes(generator.randrange(11, 3000)))
            while s.recv(1000):
                pass
        except ConnectionError:
            pass
        s.close()
        assert program.process.stdout.readline().startswith("ERR_SSL_")
    started = time.time()
    s = program.raw("echo")
    assert s.recv(1) == b"" and time.time() - started < 8
    s.close()
    program.said("ETIMEDOUT")
    program.raw("echo").close()
    program.said("ECONNRESET")
    s = program.raw("echo")
    s.sendall(b"\x16\x03\x01\x02\x00\x01")
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
    program.said("ECONNRESET")
    # A record that was tampered with, in the middle of everything.
    s = program.raw("echo")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    t = program.context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    while True:
        try:
            t.do_handshake()
            break
        except ssl.SSLWantReadError:
            s.sendall(outgoing.read())
            incoming.write(s.recv(65536))
    s.sendall(outgoing.read())
    t.write(b"hello")
    record = bytearray(outgoing.read())
    record[-1] ^= 1
    s.sendall(record)
    while s.recv(1000):
        pass
    s.close()
    program.said("echo ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC")
    # The end without a close_notify.
    t = program.connect("echo")
    t.sendall(b"x")
    t.recv(1)
    os.close(t.detach())
    program.said("echo ERR_SSL_UNEXPECTED_EOF_WHILE_READING",
                 "echo ECONNRESET")


def upgrades(program):
    s = program.raw("starttls")
    s.sendall(b"please\n")
    assert s.recv(100) == b"go\n"
    with program.context.wrap_socket(s, server_hostname="localhost") as t:
        t.sendall(b"inside")
        assert t.recv(100) == b"inside"
        program.end(t)
    # Who puts commands behind the clear line gets nowhere.
    s = program.raw("starttls")
    s.sendall(b"please\n")
    assert s.recv(100) == b"go\n"
    s.sendall(b"and do this as well\n")
    while s.recv(1000):
        pass
    s.close()
    program.said("ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_HTTP_REQUEST",
                 "ERR_SSL_PACKET_LENGTH_TOO_LONG")


def http(program):
    get = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with program.connect("http") as t:
        t.sendall(get % b"/a" + get % b"/b")
        data = b""
        while data.count(b"TLSv1.3") < 2:
            data += t.recv(65536)
        assert b"https://localhost/a TLSv1.3" in data, data
        t.sendall(get % b"/big")
        head = b""
        while b"\r\n\r\n" not in head:
            head += t.recv(1)
        assert receive(t, 20_000_000) == bytes(20_000_000)
        t.sendall(b"POST /body HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                  b"Content-Length: 300000\r\n\r\n" + b"x" * 300000)
        data = b""
        while True:
            piece = t.recv(65536)
            if not piece:
                break
            data += piece
        assert data.endswith(b"300000"), data[-100:]
    for _ in range(20):  # not read to the end, and no close_notify
        t = program.connect("http")
        t.sendall(get % b"/big")
        t.recv(1000)
        os.close(t.detach())
    silent = program.raw("http")
    assert silent.recv(1) == b""
    silent.close()
    program.said("http ETIMEDOUT")
    for port in ("http", "node"):
        with program.raw(port) as s:
            s.sendall(get % b"/")
            while s.recv(1000):
                pass
        program.said(f"{port} ERR_SSL_HTTP_REQUEST")
    with program.connect("node") as t:
        t.sendall(get % b"/")
        assert b"node" in t.recv(65536)


def crowd(program):
    """1,000 connections, most of them with a handshake; none is left behind."""
    for _ in range(10):
        sockets = []
        for i in range(100):
            sockets.append(program.raw("http") if i % 10 == 0
                           else program.connect("http"))
        for s in sockets:
            s.close()
        for _ in range(10):
            program.said("http ECONNRESET", "http ETIMEDOUT")
    program.settle()


def keylog(rill, keys):
    done = subprocess.run(
        [rill, "run", os.path.join(HERE, "tls_keylog.mjs"), keys["server.pem"],
         keys["server.key"]], capture_output=True, text=True, timeout=60)
    assert done.stdout == "5 5 true 3\ntrue true\n5 true\n", done


def main(rill):
    if shutil.which("openssl") is None:
        print("openssl is missing")
        sys.exit(77)
    keys = Keys()
    try:
        clients(rill, keys)
        print("clients")
        keylog(rill, keys)
        print("keylog")
        program = Program(rill, keys)
        try:
            for test in (handshakes, alpn, certificates, names, resumption,
                         renegotiation, backpressure, faults, upgrades, http,
                         crowd):
                test(program)
                assert program.process.poll() is None
                program.settle()
                print(test.__name__, flush=True)
        finally:
            program.process.kill()
            program.process.wait()
    finally:
        shutil.rmtree(keys.directory)


main(sys.argv[1])
