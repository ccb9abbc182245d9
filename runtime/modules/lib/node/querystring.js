// SPDX-License-Identifier: MIT
// node:querystring

export function unescape(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
      Buffer.from(run.replaceAll("%", ""), "hex").toString());
  }
}

export const escape = (value) =>
  encodeURIComponent(typeof value === "object" ? String(value) : value);

const textOf = (value) =>
  typeof value === "string" || typeof value === "boolean" ||
  typeof value === "bigint" || Number.isFinite(value) ? String(value) : "";

export function stringify(values, separator = "&", equals = "=", options) {
  if (values === null || typeof values !== "object") return "";
  const { escape: encode = querystring.escape } = options ?? {};
  return Object.keys(values).flatMap((key) => {
    const name = encode(key) + (equals || "=");
    return Array.isArray(values[key])
        ? values[key].map((value) => name + encode(textOf(value)))
        : name + encode(textOf(values[key]));
  }).join(separator || "&");
}

export function parse(text, separator = "&", equals = "=", options) {
  const result = { __proto__: null };
  if (typeof text !== "string" || text === "") return result;
  const { decodeURIComponent: decode = querystring.unescape, maxKeys = 1000 } =
    options ?? {};
  const plain = (part) => decode(part.replaceAll("+", " "));
  let parts = text.split(separator || "&");
  if (maxKeys > 0) parts = parts.slice(0, maxKeys);
  for (const part of parts) {
    if (part === "") continue;
    const at = part.indexOf(equals || "=");
    const key = plain(at < 0 ? part : part.slice(0, at));
    const value = at < 0 ? "" : plain(part.slice(at + (equals || "=").length));
    if (!(key in result)) result[key] = value;
    else if (Array.isArray(result[key])) result[key].push(value);
    else result[key] = [result[key], value];
  }
  return result;
}

export const encode = stringify;
export const decode = parse;
const querystring = { decode, encode, escape, parse, stringify, unescape };
export default querystring;
