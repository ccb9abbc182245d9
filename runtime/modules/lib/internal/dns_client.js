// SPDX-License-Identifier: MIT
// Questions to name servers (RFC 1035) for records that the system's resolver
// does not give: over UDP, over TCP when the answer is too long for that. The
// id and the port of a question are random, and only its server's answer to it
// counts (RFC 5452).
import { readFileSync } from "node:fs";
import {
  codedError,
  invalidArgument,
  isLackOfMemory,
} from "rill:internal/errors";
import { connect, datagram, isIP } from "rill:net";

const types = {
  A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33,
  NAPTR: 35, CAA: 257,
};
const responses = ["", "EFORMERR", "ESERVFAIL", "ENOTFOUND", "ENOTIMP", "EREFUSED"];
const UDP_SIZE = 1232, OPT = 41, TRIES = 3, PATIENCE = 3000;
const encoder = new TextEncoder();

export const isType = (type) => Object.hasOwn(types, type);

// "1.2.3.4", "1.2.3.4:53", "::1", "[::1]:53"
export function parseServer(text) {
  const [, bracketed, plain, port = 53] =
    /^(?:\[([^\]]*)\]|([^:]*|.*:.*:.*?))(?::(\d+))?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  if (!isIP(address ?? "") || !(port >= 1 && port <= 65535)) {
    throw codedError(TypeError, "ERR_INVALID_IP_ADDRESS",
                     `Invalid IP address: ${text}`);
  }
  return { address: canonical(address), port: Number(port) };
}

// As packets tell where they come from.
const canonical = (address) =>
  isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1)
                      : address;

// As resolv.conf(5) has them, each time: a laptop moves.
export function systemServers() {
  let text = "";
  try {
    text = readFileSync("/etc/resolv.conf", "utf8");
  } catch (error) {
    if (isLackOfMemory(error)) throw error;
    // Then there may be one on this machine.
  }
  const found = [];
  for (const [, address] of text.matchAll(/^nameserver\s+(\S+)/gm)) {
    if (isIP(address)) found.push({ address: canonical(address), port: 53 });
  }
  return found.length === 0 ? [{ address: "127.0.0.1", port: 53 }] : found;
}

function question(name, type, id) {
  const bytes = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1];
  const labels = name.replace(/\.$/, "").split(".");
  for (const label of name === "." || name === "" ? [] : labels) {
    const text = encoder.encode(label);
    if (text.length === 0 || text.length > 63) return null;
    bytes.push(text.length, ...text);
  }
  bytes.push(0, types[type] >> 8, types[type] & 255, 0, 1);
  if (bytes.length > 12 + 255 + 4) return null;
  // EDNS (RFC 6891): answers may be this long.
  bytes.push(0, 0, OPT, UDP_SIZE >> 8, UDP_SIZE & 255, 0, 0, 0, 0, 0, 0);
  return Uint8Array.from(bytes);
}

class Malformed extends Error {}

class Reader {
  at = 0;
  constructor(bytes) {
    this.bytes = bytes;
  }
  byte() {
    if (this.at >= this.bytes.length) throw new Malformed();
    return this.bytes[this.at++];
  }
  short() {
    return this.byte() << 8 | this.byte();
  }
  long() {
    return this.short() * 65536 + this.short();
  }
  take(count) {
    if (this.at + count > this.bytes.length) throw new Malformed();
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
  text(count) {
    return String.fromCharCode(...this.take(count));
  }
  // Pointers only lead back, so they cannot go in circles. No name is longer
  // than 255 bytes (RFC 1035, 2.3.4), so that many records of few bytes each
  // cannot name very much.
  name() {
    const labels = [];
    let end = -1, least = this.at, left = 255;
    for (let length = this.byte(); length !== 0; length = this.byte()) {
      left -= length < 64 ? length + 1 : 2;
      if (left < 0) throw new Malformed();
      if (length < 64) {
        labels.push(this.text(length));
        continue;
      }
      if (length < 192) throw new Malformed();
      const to = (length & 63) << 8 | this.byte();
      if (end < 0) end = this.at;
      if (to >= least) throw new Malformed();
      this.at = least = to;
    }
    if (end >= 0) this.at = end;
    return labels.join(".");
  }
}

const readers = {
  A: (reader) => [...reader.take(4)].join("."),
  AAAA: (reader) => {
    const words = Array.from({ length: 8 }, () => reader.short().toString(16));
    return new URL(`http://[${words.join(":")}]`).hostname.slice(1, -1);
  },
  NS: (reader) => reader.name(),
  CNAME: (reader) => reader.name(),
  PTR: (reader) => reader.name(),
  MX: (reader) => {
    const priority = reader.short();
    return { exchange: reader.name(), priority };
  },
  TXT: (reader, end) => {
    const texts = [];
    while (reader.at < end) texts.push(reader.text(reader.byte()));
    return texts.map((text) => decodeUtf8(text));
  },
  SRV: (reader) => {
    const [priority, weight, port] = [0, 0, 0].map(() => reader.short());
    return { name: reader.name(), port, priority, weight };
  },
  SOA: (reader) => ({
    nsname: reader.name(), hostmaster: reader.name(), serial: reader.long(),
    refresh: reader.long(), retry: reader.long(), expire: reader.long(),
    minttl: reader.long(),
  }),
  CAA: (reader, end) => {
    const critical = reader.byte();
    const tag = reader.text(reader.byte());
    return { critical, [tag]: reader.text(end - reader.at) };
  },
  NAPTR: (reader) => {
    const [order, preference] = [reader.short(), reader.short()];
    const [flags, service, regexp] = [0, 0, 0].map(() => reader.text(reader.byte()));
    return { flags, service, regexp, replacement: reader.name(), order, preference };
  },
};

const decodeUtf8 = (latin1) =>
  new TextDecoder().decode(Uint8Array.from(latin1, (c) => c.charCodeAt(0)));

const lower = (name) => name.toLowerCase().replace(/\.$/, "");

// {code}, {truncated}, or {records: [{value, ttl}]}; null: no answer to this.
function parse(bytes, name, type, id) {
  const reader = new Reader(bytes);
  try {
    if (reader.short() !== id) return null;
    const flags = reader.short();
    const [questions, answers] = [reader.short(), reader.short()];
    reader.take(4);
    if (flags < 0x8000 || questions !== 1) return null;
    if (lower(reader.name()) !== lower(name) || reader.short() !== types[type]) {
      return null;
    }
    reader.short();
    if ((flags & 0x200) !== 0) return { truncated: true };
    const code = flags & 15;
    if (code !== 0) return { code: responses[code] ?? "EBADRESP" };
    const records = [];
    for (let i = 0; i < answers; i++) {
      reader.name();
      const [kind, group] = [reader.short(), reader.short()];
      const ttl = reader.long(), length = reader.short();
      const end = reader.at + length;
      if (kind === types[type] && group === 1) {
        records.push({ value: readers[type](reader, end), ttl });
        if (reader.at !== end) throw new Malformed();
      } else {
        reader.take(length); // an alias on the way
      }
    }
    return records.length === 0 ? { code: "ENODATA" } : { records };
  } catch (error) {
    if (error instanceof Malformed) return { code: "EBADRESP" };
    throw error;
  }
}

async function askByUdp({ address, port }, name, type, id, limits) {
  const bytes = question(name, type, id);
  const hostname = isIP(address) === 6 ? "::" : "0.0.0.0";
  const socket = await datagram({ hostname });
  try {
    await socket.send(bytes, address, port);
    for (;;) {
      const packet = await socket.receive(limits());
      if (packet.port !== port || packet.address !== address) continue;
      const found = parse(packet.data, name, type, id);
      if (found !== null) return found;
    }
  } finally {
    socket.close();
  }
}

async function askByTcp({ address, port }, name, type, id, limits) {
  const bytes = question(name, type, id);
  const connection = await connect({ hostname: address, port, ...limits() });
  try {
    const message = new Uint8Array(bytes.length + 2);
    message.set([bytes.length >> 8, bytes.length & 255]);
    message.set(bytes, 2);
    await connection.write(message, limits());
    let got = new Uint8Array(0);
    while (got.length < 2 || got.length < 2 + (got[0] << 8 | got[1])) {
      const chunk = await connection.read(limits());
      if (chunk === null) return { code: "EBADRESP" };
      const joined = new Uint8Array(got.length + chunk.length);
      joined.set(got);
      joined.set(chunk, got.length);
      got = joined;
    }
    return parse(got.subarray(2, 2 + (got[0] << 8 | got[1])), name, type, id) ??
      { code: "EBADRESP" };
  } finally {
    connection.abort();
  }
}

function failure(type, name, code) {
  const syscall = `query${type[0]}${type.slice(1).toLowerCase()}`;
  return Object.assign(codedError(Error, code, `${syscall} ${code} ${name}`),
                       { errno: undefined, syscall, hostname: name });
}

// A promise of [{value, ttl}]. The signal ends it, and what it has open.
export async function query(name, type, { servers, signal, tries = TRIES,
                                          patience = PATIENCE } = {}) {
  if (!isType(type)) throw invalidArgument("type", "a record type", type);
  const asked = /[^\x00-\x7f]/.test(name) ? new URL(`http://${name}`).hostname
                                          : name;
  if (question(asked, type, 0) === null) throw failure(type, name, "EBADNAME");
  let last = "ETIMEOUT";
  for (let round = 0; round < tries; round++) {
    for (const server of servers ?? systemServers()) {
      signal?.throwIfAborted();
      const [id] = crypto.getRandomValues(new Uint16Array(1));
      const until = performance.now() + patience;
      const limits = () =>
        ({ signal, timeout: Math.max(until - performance.now(), 0) });
      try {
        let found = await askByUdp(server, asked, type, id, limits);
        if (found.truncated) found = await askByTcp(server, asked, type, id, limits);
        if (found.records !== undefined) return found.records;
        last = found.code ?? "EBADRESP";
        // Another server may know better about its own trouble only.
        if (last === "ENOTFOUND" || last === "ENODATA") {
          throw failure(type, name, last);
        }
      } catch (error) {
        signal?.throwIfAborted();
        const isAnswer =
          error.hostname === name && error.syscall?.startsWith("query");
        if (isAnswer) throw error;
        last = error.name === "TimeoutError" ? "ETIMEOUT"
          : error.code ?? "ETIMEOUT";
      }
    }
  }
  throw failure(type, name, last);
}

// An address as a name of in-addr.arpa or ip6.arpa.
export function reverseName(address) {
  if (isIP(address) === 4) {
    return `${address.split(".").reverse().join(".")}.in-addr.arpa`;
  }
  const words = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const [head, rest = []] = words.map((half) => half === "" ? [] : half.split(":"));
  const all = [...head, ...Array(8 - head.length - rest.length).fill("0"), ...rest];
  return `${all.map((word) => word.padStart(4, "0")).join("").split("").reverse()
    .join(".")}.ip6.arpa`;
}
