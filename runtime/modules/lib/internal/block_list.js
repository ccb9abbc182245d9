// SPDX-License-Identifier: MIT
// node:net's SocketAddress and BlockList: addresses as numbers.
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { isIP } from "rill:net";

const inspect = Symbol.for("nodejs.util.inspect.custom");

const number4 = (text) =>
  text.split(".").reduce((sum, part) => sum << 8n | BigInt(part), 0n);

function number6(text) {
  text = text.replace(/%.*$/, "");
  const tail = /(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail !== null) {
    const low = number4(tail[1]);
    text = text.slice(0, tail.index) +
      `${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const [head, rest] = text.split("::").map((half) =>
    half === "" ? [] : half.split(":"));
  const parts = rest === undefined ? head
    : [...head, ...Array(8 - head.length - rest.length).fill("0"), ...rest];
  return parts.reduce((sum, part) => sum << 16n | BigInt(`0x${part}`), 0n);
}

export class SocketAddress {
  #detail;
  constructor(options = {}) {
    const { family = "ipv4", port = 0, flowlabel = 0 } = options;
    const kind = checkFamily(family);
    const { address = kind === 4 ? "127.0.0.1" : "::" } = options;
    if (typeof address !== "string") {
      throw invalidArgument("options.address", "of type string", address);
    }
    if (isIP(address) !== kind) {
      throw codedError(Error, "ERR_INVALID_ADDRESS", "Invalid socket address");
    }
    if (!(port >= 0 && port <= 65535)) {
      throw codedError(RangeError, "ERR_SOCKET_BAD_PORT",
                       `options.port should be >= 0 and < 65536. Received ${port}.`);
    }
    if (!(flowlabel >= 0 && flowlabel <= 0xfffff)) {
      throw outOfRange("options.flowlabel", ">= 0 && <= 1048575", flowlabel);
    }
    this.#detail = { address, port: port | 0, family: `ipv${kind}`, flowlabel };
  }
  get address() {
    return this.#detail.address;
  }
  get port() {
    return this.#detail.port;
  }
  get family() {
    return this.#detail.family;
  }
  get flowlabel() {
    return this.#detail.flowlabel;
  }
  toJSON() {
    return { ...this.#detail };
  }
}

function checkFamily(family) {
  const name = typeof family === "string" ? family.toLowerCase() : family;
  if (name === "ipv4") return 4;
  if (name === "ipv6") return 6;
  throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                   `The property 'family' must be one of: 'ipv4', 'ipv6'. Received ${
                     JSON.stringify(family)}`);
}

const toAddress = (address, family) =>
  address instanceof SocketAddress ? address
    : new SocketAddress({ address, family });
const numberOf = ({ address, family }) =>
  family === "ipv4" ? number4(address) : number6(address);

export class BlockList {
  #rules = []; // {family, from, to, text}, the newest first

  #add(family, from, to, text) {
    this.#rules.unshift({ family, from, to, text });
  }
  addAddress(address, family = "ipv4") {
    const one = toAddress(address, family), at = numberOf(one);
    this.#add(one.family, at, at,
              `Address: ${one.family.replace("ip", "IP")} ${one.address}`);
  }
  addRange(start, end, family = "ipv4") {
    const first = toAddress(start, family), last = toAddress(end, family);
    const from = numberOf(first), to = numberOf(last);
    if (first.family !== last.family || from > to) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                       "The argument 'start' must come before end");
    }
    this.#add(first.family, from, to,
              `Range: ${first.family.replace("ip", "IP")} ${
                first.address}-${last.address}`);
  }
  addSubnet(network, prefix, family = "ipv4") {
    const one = toAddress(network, family);
    const bits = one.family === "ipv4" ? 32 : 128;
    if (typeof prefix !== "number") {
      throw invalidArgument("prefix", "of type number", prefix);
    }
    if (!(Number.isInteger(prefix) && prefix >= 0 && prefix <= bits)) {
      throw outOfRange("prefix", `>= 0 && <= ${bits}`, prefix);
    }
    const rest = (1n << BigInt(bits - prefix)) - 1n;
    const at = numberOf(one);
    this.#add(one.family, at & ~rest, at | rest,
              `Subnet: ${one.family.replace("ip", "IP")} ${one.address}/${prefix}`);
  }
  check(address, family = "ipv4") {
    if (!(address instanceof SocketAddress) &&
        isIP(address) !== checkFamily(family)) return false;
    const one = toAddress(address, family);
    let at = numberOf(one), kind = one.family;
    // An IPv4 address in IPv6's clothes.
    if (kind === "ipv6" && at >> 32n === 0xffffn) {
      at &= 0xffffffffn;
      kind = "ipv4";
    }
    return this.#rules.some((rule) =>
      rule.family === kind && rule.from <= at && at <= rule.to);
  }
  get rules() {
    return this.#rules.map(({ text }) => text);
  }
  [inspect](depth, options, format) {
    return `BlockList ${format({ rules: this.rules }, options)}`;
  }
}
