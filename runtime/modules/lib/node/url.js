// SPDX-License-Identifier: MIT
// node:url: the URL classes and file URLs.
import { resolve as resolvePath } from "node:path";
import {
  format,
  parse,
  resolve,
  resolveObject,
  Url,
} from "rill:internal/legacy_url";
import { domainToASCII, domainToUnicode } from "rill:internal/url";
import { URL, URLSearchParams } from "rill:internal/web/url";

export {
  domainToASCII,
  domainToUnicode,
  format,
  parse,
  resolve,
  resolveObject,
  Url,
  URL,
  URLSearchParams,
};

function coded(Type, code, message) {
  const error = new Type(message);
  error.code = code;
  return error;
}

export function fileURLToPath(url) {
  if (typeof url === "string") {
    url = new URL(url);
  } else if (typeof url?.href !== "string") {
    throw coded(TypeError, "ERR_INVALID_ARG_TYPE",
                'The "path" argument must be of type string or an instance ' +
                "of URL");
  }
  if (url.protocol !== "file:") {
    throw coded(TypeError, "ERR_INVALID_URL_SCHEME",
                "The URL must be of scheme file");
  }
  if (url.hostname !== "") {
    throw coded(TypeError, "ERR_INVALID_FILE_URL_HOST",
                'File URL host must be "localhost" or empty');
  }
  if (/%2f/i.test(url.pathname)) {
    throw coded(TypeError, "ERR_INVALID_FILE_URL_PATH",
                "File URL path must not include encoded / characters");
  }
  return decodeURIComponent(url.pathname);
}

export function pathToFileURL(path) {
  let resolved = resolvePath(path);
  if (String(path).endsWith("/") && !resolved.endsWith("/")) resolved += "/";
  const url = new URL("file://");
  url.pathname = resolved.replace(/[%\\\n\r\t]/g, encodeURIComponent);
  return url;
}

export function urlToHttpOptions(url) {
  const { hostname, username, password } = url;
  const options = {
    protocol: url.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search: url.search,
    pathname: url.pathname,
    path: `${url.pathname}${url.search}`,
    href: url.href,
  };
  if (url.port !== "") options.port = Number(url.port);
  if (username !== "" || password !== "") {
    options.auth =
        `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  }
  return options;
}

export default {
  domainToASCII,
  domainToUnicode,
  fileURLToPath,
  format,
  parse,
  pathToFileURL,
  resolve,
  resolveObject,
  Url,
  URL,
  URLSearchParams,
  urlToHttpOptions,
};
