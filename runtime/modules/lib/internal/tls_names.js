// SPDX-License-Identifier: MIT
// Whom a certificate is for, as node:tls says it, and whom the system trusts.
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { codedError, isLackOfMemory } from "rill:internal/errors";

const canonical = (name) => name.toLowerCase().replace(/\.$/, "");
const canonicalAddress = (text) =>
  isIP(text) === 6 ? new URL(`http://[${text}]`).hostname : text;

// RFC 6125 6.4.3, strictly: the star is a whole label, the leftmost, and there
// are two more.
function matches(host, pattern) {
  const [own, wanted] = [host, canonical(pattern)].map((name) => name.split("."));
  if (own.length !== wanted.length || wanted.includes("")) return false;
  return wanted.every((label, i) => label === own[i] ||
    (i === 0 && label === "*" && wanted.length > 2));
}

// "DNS:a, IP Address:1.2.3.4"; values with unusual characters are JSON.
function* alternatives(text) {
  for (const [, type, quoted, plain] of
       text.matchAll(/([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g)) {
    yield [type, quoted === undefined ? plain : JSON.parse(quoted)];
  }
}

export function checkServerIdentity(hostname, cert) {
  const host = canonical(`${hostname}`);
  const names = [], addresses = [];
  const { subject, subjectaltname } = cert;
  if (subjectaltname !== undefined) {
    for (const [type, value] of alternatives(subjectaltname)) {
      if (type === "DNS") names.push(value);
      else if (type === "IP Address") addresses.push(canonicalAddress(value));
    }
  }
  let reason;
  if (isIP(host)) {
    if (addresses.includes(canonicalAddress(host))) return undefined;
    reason = `IP: ${host} is not in the cert's list: ${addresses.join(", ")}`;
  } else if (names.length > 0) {
    if (names.some((name) => matches(host, name))) return undefined;
    reason = `Host: ${host}. is not in the cert's altnames: ${subjectaltname}`;
  } else if (subject?.CN !== undefined) {
    const list = [subject.CN].flat();
    if (list.some((name) => matches(host, name))) return undefined;
    reason = `Host: ${host}. is not cert's CN: ${list}`;
  } else {
    reason = "Cert does not contain a DNS name";
  }
  return Object.assign(
    codedError(Error, "ERR_TLS_CERT_ALTNAME_INVALID",
               `Hostname/IP does not match certificate's altnames: ${reason}`),
    { reason, host: hostname, cert });
}

function readRoots() {
  const files = [process.env.SSL_CERT_FILE, "/etc/ssl/certs/ca-certificates.crt",
                 "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];
  for (const file of files) {
    try {
      if (file === undefined) continue;
      return readFileSync(file, "latin1").match(
        /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      // The next one.
    }
  }
  return [];
}

// Read when it is first looked at: few programs do.
let roots;
export const rootCertificates = new Proxy([], {
  get: (target, name) => Reflect.get(list(), name),
  has: (target, name) => Reflect.has(list(), name),
  ownKeys: () => Reflect.ownKeys(list()),
  getOwnPropertyDescriptor: (target, name) => {
    const found = Reflect.getOwnPropertyDescriptor(list(), name);
    return found && { ...found, configurable: name !== "length" };
  },
});
const list = () => (roots ??= readRoots());
