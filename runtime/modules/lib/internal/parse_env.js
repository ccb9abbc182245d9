// SPDX-License-Identifier: MIT
// What a .env file says (util.parseEnv, process.loadEnvFile): NAME=value a line,
// the value bare, with a comment behind it, or in quotes over several lines.
const quotes = new Set(["\"", "'", "`"]);

// A value and where the text goes on; the value begins at `at`.
function valueAt(text, at) {
  const lineEnd = text.indexOf("\n", at);
  const end = lineEnd < 0 ? text.length : lineEnd;
  while (at < end && /\s/.test(text[at])) at++;
  const quote = text[at];
  const close = quotes.has(quote) ? text.indexOf(quote, at + 1) : -1;
  if (close >= 0) {
    const value = text.slice(at + 1, close);
    const next = text.indexOf("\n", close);
    return [quote === "\"" ? value.replaceAll("\\n", "\n") : value,
            next < 0 ? text.length : next];
  }
  return [text.slice(at, end).replace(/#.*$/s, "").trim(), end];
}

// An object of names, in their order, and values.
export function parseEnv(content) {
  const text = content.replaceAll("\r\n", "\n");
  const found = new Map();
  let at = 0;
  while (at < text.length) {
    const lineEnd = text.indexOf("\n", at);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const equals = text.indexOf("=", at);
    const line = text.slice(at, end).trim();
    if (line === "" || line.startsWith("#") || equals < 0 || equals > end) {
      at = end + 1;
      continue;
    }
    const name = text.slice(at, equals).trim().replace(/^export /, "");
    if (name === "") break;
    const [value, next] = valueAt(text, equals + 1);
    found.set(name, value);
    at = next + 1;
  }
  return Object.fromEntries(
    [...found].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
