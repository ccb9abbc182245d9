// SPDX-License-Identifier: MIT
// node:url's parse, format and resolve, from before there was URL: a text is
// taken apart, whatever it is, and missing parts are null.
import { parse as parseQuery, stringify } from "node:querystring";
import { invalidArgument } from "rill:internal/errors";
import { domainToASCII, domainToUnicode } from "rill:internal/url";
import { URL } from "rill:internal/web/url";

// Schemes that are written with "//" even where a text leaves it out.
const slashed = new Set(["http", "https", "ftp", "gopher", "file", "ws", "wss"]);
const hostless = new Set(["javascript"]);
const bare = (protocol) => (protocol ?? "").replace(/:$/, "").toLowerCase();

// Characters that are never left in a path.
const escapes = {
  "\t": "%09", "\n": "%0A", "\r": "%0D", " ": "%20", '"': "%22", "'": "%27",
  "<": "%3C", ">": "%3E", "\\": "%5C", "^": "%5E", "`": "%60", "{": "%7B",
  "|": "%7C", "}": "%7D",
};
const escapeRest = (text) =>
  text.replace(/[\t\n\r "'<>\\^`{|}]/g, (c) => escapes[c]);

export class Url {
  protocol = null;
  slashes = null;
  auth = null;
  host = null;
  port = null;
  hostname = null;
  hash = null;
  search = null;
  query = null;
  pathname = null;
  path = null;
  href = null;

  parse(text, parsesQuery, slashesDenoteHost) {
    Object.assign(this, parse(text, parsesQuery, slashesDenoteHost));
    return this;
  }
  format() {
    return formatParts(this);
  }
  resolve(relative) {
    return resolve(this, relative);
  }
  resolveObject(relative) {
    return resolveObject(this, relative);
  }
}

// Backslashes before the query are slashes.
function straighten(text) {
  const end = text.search(/[?#]/);
  if (end < 0) return text.replaceAll("\\", "/");
  return text.slice(0, end).replaceAll("\\", "/") + text.slice(end);
}

// Takes user, host and port off the front of `rest`; what follows.
function takeHost(url, rest) {
  let end = rest.search(/[/?#]/);
  if (end < 0) end = rest.length;
  const at = rest.lastIndexOf("@", end - 1);
  if (at >= 0) {
    url.auth = decodeURIComponent(rest.slice(0, at));
    rest = rest.slice(at + 1);
    end -= at + 1;
  }
  const bad = rest.slice(0, end).search(/[\t\n\r "'<>^`{|}%;]/);
  if (bad >= 0) end = bad;
  let host = rest.slice(0, end);
  const port = /:([0-9]*)$/.exec(host);
  if (port !== null) {
    if (port[1] !== "") url.port = port[1];
    host = host.slice(0, port.index);
  }
  let hostname = host.toLowerCase();
  if (/[^\0-\x7f]/.test(hostname)) hostname = domainToASCII(hostname);
  url.host = hostname + (url.port === null ? "" : `:${url.port}`);
  url.hostname = hostname.replace(/^\[(.*)\]$/, "$1");
  return rest.slice(end);
}

export function parse(text, parsesQuery = false, slashesDenoteHost = false) {
  if (text instanceof Url) return text;
  if (typeof text !== "string") {
    throw invalidArgument("url", "of type string", text);
  }
  const url = new Url();
  let rest = straighten(text.trim());
  const scheme = /^([a-z0-9.+-]+):/i.exec(rest);
  let protocol = "";
  if (scheme !== null) {
    protocol = scheme[1].toLowerCase();
    url.protocol = `${protocol}:`;
    rest = rest.slice(scheme[0].length);
  }
  const hasSlashes = rest.startsWith("//");
  if ((slashesDenoteHost || scheme !== null || /^\/\/[^@/]+@[^@/]+/.test(rest)) &&
      hasSlashes && !hostless.has(protocol)) {
    url.slashes = true;
    rest = takeHost(url, rest.slice(2));
  } else if (scheme !== null && !slashed.has(protocol) &&
             !hostless.has(protocol)) {
    rest = takeHost(url, rest);
  }
  if (!hostless.has(protocol)) rest = escapeRest(rest);
  const hash = rest.indexOf("#");
  if (hash >= 0) {
    url.hash = rest.slice(hash);
    rest = rest.slice(0, hash);
  }
  const mark = rest.indexOf("?");
  if (mark >= 0) {
    url.search = rest.slice(mark);
    url.query = rest.slice(mark + 1);
    rest = rest.slice(0, mark);
  } else if (parsesQuery) {
    url.search = null;
    url.query = "";
  }
  if (parsesQuery) url.query = parseQuery(url.query);
  if (rest !== "") url.pathname = rest;
  else if (slashed.has(protocol) && url.hostname) url.pathname = "/";
  if (url.pathname !== null || url.search !== null) {
    url.path = (url.pathname ?? "") + (url.search ?? "");
  }
  url.href = formatParts(url);
  return url;
}

function formatParts(url) {
  let auth = url.auth ?? "";
  if (auth !== "") {
    auth = `${encodeURIComponent(auth).replace(/%3A/i, ":")}@`;
  }
  let protocol = url.protocol ?? "";
  let pathname = url.pathname ?? "";
  let hash = url.hash ?? "";
  let host = "";
  if (url.host) {
    host = auth + url.host;
  } else if (url.hostname) {
    const { hostname } = url;
    host = auth + (hostname.includes(":") && !hostname.startsWith("[")
      ? `[${hostname}]`
      : hostname);
    if (url.port) host += `:${url.port}`;
  }
  let query = "";
  if (url.query !== null && typeof url.query === "object") {
    query = stringify(url.query);
  }
  let search = url.search ?? (query && `?${query}`) ?? "";
  if (protocol !== "" && !protocol.endsWith(":")) protocol += ":";
  pathname = pathname.replace(/[?#]/g, encodeURIComponent);
  if (url.slashes || slashed.has(bare(protocol))) {
    if (url.slashes || host !== "") {
      if (pathname !== "" && !pathname.startsWith("/")) pathname = `/${pathname}`;
      host = `//${host}`;
    } else if (bare(protocol) === "file") {
      host = "//";
    }
  }
  search = search.replaceAll("#", "%23");
  if (hash !== "" && !hash.startsWith("#")) hash = `#${hash}`;
  if (search !== "" && !search.startsWith("?")) search = `?${search}`;
  return protocol + host + pathname + search + hash;
}

export function format(url, options) {
  if (typeof url === "string") return formatParts(parse(url));
  if (typeof url !== "object" || url === null) {
    throw invalidArgument("urlObject", "of type object or string", url);
  }
  if (!(url instanceof URL)) return formatParts(url);
  const { auth = true, fragment = true, search = true, unicode = false } =
    options ?? {};
  const { protocol, username, password, host, pathname } = url;
  let text = protocol;
  if (host !== "" || protocol === "file:") text += "//";
  if (auth && (username !== "" || password !== "")) {
    text += username + (password === "" ? "" : `:${password}`) + "@";
  }
  text += (unicode ? domainToUnicodeHost(url) : host) + pathname;
  if (search) text += url.search;
  if (fragment) text += url.hash;
  return text;
}
const domainToUnicodeHost = (url) =>
  domainToUnicode(url.hostname) + (url.port === "" ? "" : `:${url.port}`);

// "." and ".." taken out.
function tidy(path, isAbsolute) {
  const parts = path.split("/"), kept = [];
  const last = parts.at(-1);
  for (const part of parts) {
    if (part === ".") continue;
    if (part !== "..") kept.push(part);
    else if (kept.length > (isAbsolute ? 1 : 0) && kept.at(-1) !== "..") kept.pop();
    else if (!isAbsolute) kept.push("..");
  }
  if (last === "." || last === "..") kept.push("");
  const joined = kept.join("/");
  return isAbsolute && !joined.startsWith("/") ? `/${joined}` : joined;
}

export function resolveObject(from, to) {
  const base = parse(typeof from === "string" ? from : format(from), false, true);
  const target = parse(typeof to === "string" ? to : format(to), false, true);
  const result = Object.assign(new Url(), base);
  result.hash = target.hash;
  if (target.href === "") {
    result.href = formatParts(result);
    return result;
  }
  if (target.slashes && target.protocol === null) {
    Object.assign(result, target, { protocol: base.protocol });
    if (slashed.has(bare(result.protocol)) && result.hostname && !result.pathname) {
      result.path = result.pathname = "/";
    }
  } else if (target.protocol !== null && (target.protocol !== base.protocol ||
                                          target.host !== null)) {
    Object.assign(result, target);
  } else {
    const path = target.pathname;
    if (path !== null) {
      let whole = path;
      if (!path.startsWith("/")) {
        const old = base.pathname ?? (base.host ? "/" : "");
        whole = old.slice(0, old.lastIndexOf("/") + 1) + path;
      }
      result.pathname = whole;
      result.search = target.search;
      result.query = target.query;
    } else if (target.search !== null) {
      result.search = target.search;
      result.query = target.query;
    }
  }
  if (result.pathname !== null) {
    const isAbsolute = result.pathname.startsWith("/") || Boolean(result.host);
    result.pathname = tidy(result.pathname, isAbsolute);
  }
  result.path = result.pathname !== null || result.search !== null
    ? (result.pathname ?? "") + (result.search ?? "")
    : null;
  result.href = formatParts(result);
  return result;
}

export const resolve = (from, to) => resolveObject(from, to).href;
