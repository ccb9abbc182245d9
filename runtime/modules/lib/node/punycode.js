// SPDX-License-Identifier: MIT
// node:punycode: labels of internationalized domain names (RFC 3492). These are
// the bare codes of any text, which ICU, behind URL, does not give.
const BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700;
const INITIAL_BIAS = 72, INITIAL_N = 128, LARGEST = 2 ** 31 - 1;

const failures = {
  overflow: "Overflow: input needs wider integers to process",
  "not-basic": "Illegal input >= 0x80 (not a basic code point)",
  "invalid-input": "Invalid input",
};
const fail = (what) => {
  throw new RangeError(failures[what]);
};

// 0 to 25 are a to z, 26 to 35 are 0 to 9.
const letterOf = (digit) => String.fromCharCode(digit + (digit < 26 ? 97 : 22));
function digitOf(code) {
  if (code >= 48 && code < 58) return code - 22;
  if (code >= 65 && code < 91) return code - 65;
  if (code >= 97 && code < 123) return code - 97;
  return BASE;
}

// 6.1: the bias for the next delta.
function adapt(delta, count, isFirst) {
  delta = isFirst ? Math.floor(delta / DAMP) : delta >> 1;
  delta += Math.floor(delta / count);
  let k = 0;
  for (; delta > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) {
    delta = Math.floor(delta / (BASE - T_MIN));
  }
  return Math.floor(k + ((BASE - T_MIN + 1) * delta) / (delta + SKEW));
}
const threshold = (k, bias) => Math.min(Math.max(k - bias, T_MIN), T_MAX);

// 6.2
export function decode(input) {
  const output = [];
  const basic = Math.max(input.lastIndexOf("-"), 0);
  for (let i = 0; i < basic; i++) {
    if (input.charCodeAt(i) >= 0x80) fail("not-basic");
    output.push(input.charCodeAt(i));
  }
  let n = INITIAL_N, i = 0, bias = INITIAL_BIAS;
  for (let at = basic > 0 ? basic + 1 : 0; at < input.length;) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      if (at >= input.length) fail("invalid-input");
      const digit = digitOf(input.charCodeAt(at++));
      if (digit >= BASE) fail("invalid-input");
      if (digit > Math.floor((LARGEST - i) / weight)) fail("overflow");
      i += digit * weight;
      const t = threshold(k, bias);
      if (digit < t) break;
      if (weight > Math.floor(LARGEST / (BASE - t))) fail("overflow");
      weight *= BASE - t;
    }
    const count = output.length + 1;
    bias = adapt(i - before, count, before === 0);
    if (Math.floor(i / count) > LARGEST - n) fail("overflow");
    n += Math.floor(i / count);
    i %= count;
    output.splice(i++, 0, n);
  }
  return String.fromCodePoint(...output);
}

// 6.3
export function encode(input) {
  const codes = ucs2.decode(input);
  let output = codes.filter((code) => code < 0x80)
    .map((code) => String.fromCharCode(code)).join("");
  const basic = output.length;
  let handled = basic;
  if (basic > 0) output += "-";
  let n = INITIAL_N, delta = 0, bias = INITIAL_BIAS;
  while (handled < codes.length) {
    const next = codes.reduce(
      (least, code) => (code >= n && code < least ? code : least), LARGEST);
    const count = handled + 1;
    if (next - n > Math.floor((LARGEST - delta) / count)) fail("overflow");
    delta += (next - n) * count;
    n = next;
    for (const code of codes) {
      if (code < n && ++delta > LARGEST) fail("overflow");
      if (code !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = threshold(k, bias);
        if (q < t) break;
        output += letterOf(t + (q - t) % (BASE - t));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += letterOf(q);
      bias = adapt(delta, count, handled === basic);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return output;
}

// Each label of a domain, or of what follows the @ of an address.
function mapLabels(domain, convert) {
  const parts = domain.split("@");
  const front = parts.length > 1 ? `${parts[0]}@` : "";
  const name = parts.length > 1 ? parts[1] : domain;
  return front + name.replace(/[\u3002\uff0e\uff61]/g, ".").split(".")
    .map(convert).join(".");
}

export const toASCII = (input) => mapLabels(input, (label) =>
  /[^\0-\x7f]/.test(label) ? `xn--${encode(label)}` : label);
export const toUnicode = (input) => mapLabels(input, (label) =>
  label.startsWith("xn--") ? decode(label.slice(4).toLowerCase()) : label);

export const ucs2 = {
  decode: (text) => Array.from(text, (letter) => letter.codePointAt(0)),
  encode: (codes) => String.fromCodePoint(...codes),
};
export const version = "2.1.0";

export default { version, ucs2, decode, encode, toASCII, toUnicode };
