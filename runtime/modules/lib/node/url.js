// SPDX-License-Identifier: MIT
// node:url: file URLs. (The URL class is not there yet.)
import { resolve } from "node:path";

export function fileURLToPath(url) {
  const text = typeof url === "string" ? url : url.href;
  if (!text.startsWith("file://")) {
    const error = new TypeError("The URL must be of scheme file");
    error.code = "ERR_INVALID_URL_SCHEME";
    throw error;
  }
  return decodeURIComponent(text.slice(7).replace(/[?#].*$/s, ""));
}

export function pathToFileURL(path) {
  const href = "file://" + resolve(path).split("/").map((part) =>
    encodeURIComponent(part).replaceAll("%3A", ":")).join("/");
  return { href, protocol: "file:", pathname: href.slice(7),
           toString: () => href };
}

export default { fileURLToPath, pathToFileURL };
