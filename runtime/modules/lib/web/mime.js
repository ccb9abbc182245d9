// SPDX-License-Identifier: MIT
// MIME types (WHATWG MIME Sniffing 4.4, 4.5).
export const isToken = (text) => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
export const isValue = (text) => /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
const trimEnd = (text) => text.replace(/[\t\n\r ]+$/, "");
const trimStart = (text) => text.replace(/^[\t\n\r ]+/, "");

// A quoted value from its quote on: [value, what follows].
function quoted(text) {
  let value = "", at = 1;
  for (; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === "\\" && at + 1 < text.length) at++;
    value += text[at];
  }
  return [value, text.slice(at + 1)];
}

// What follows the essence, from its first semicolon on.
export function parseParameters(text) {
  const parameters = new Map();
  let left = text;
  while (left !== "") {
    left = trimStart(left.slice(1));
    const [, name, sign] = /^([^;=]*)(=?)/.exec(left);
    left = left.slice(name.length + sign.length);
    if (sign === "") continue;
    let value;
    if (left.startsWith('"')) {
      [value, left] = quoted(left);
      left = left.replace(/^[^;]*/, "");
    } else {
      [value] = /^[^;]*/.exec(left);
      left = left.slice(value.length);
      value = trimEnd(value);
      if (value === "") continue;
    }
    const key = name.toLowerCase();
    if (isToken(key) && isValue(value) && !parameters.has(key)) {
      parameters.set(key, value);
    }
  }
  return parameters;
}

// {essence, parameters: Map}, or null: it is none.
export function parseMimeType(text) {
  text = trimStart(trimEnd(text));
  const [, type, subtype, rest] = /^([^/]*)\/([^;]*)(.*)$/s.exec(text) ?? [];
  if (type === undefined || !isToken(type) || !isToken(trimEnd(subtype))) {
    return null;
  }
  const parameters = parseParameters(rest);
  return { essence: `${type}/${trimEnd(subtype)}`.toLowerCase(), parameters };
}

export const parametersText = (parameters) =>
  [...parameters].map(([name, value]) => `${name}=${isToken(value) ? value
    : `"${value.replace(/["\\]/g, "\\$&")}"`}`).join(";");

export const mimeTypeText = ({ essence, parameters }) =>
  parameters.size === 0 ? essence : `${essence};${parametersText(parameters)}`;
