// Texts of certificates and keys, and certificates' bytes: taken, or an error that
// says what is wrong with which.
import fs from "node:fs";
import crypto from "node:crypto";
import tls from "node:tls";
import { tlsContext } from "rill:net";
import { check, fuzz } from "./driver.mjs";

const pem = fs.readFileSync(
  new URL("../language/runtime/localhost.pem", import.meta.url), "utf8");
const blocks = pem.match(/-----BEGIN[^]*?-----END [A-Z ]+-----\n/g);
const der = Buffer.from(blocks.find((block) => block.includes("CERTIFICATE"))
  .replace(/-----.*-----/g, ""), "base64");
const failed = (work) => {
  try {
    work();
  } catch (error) {
    check(error instanceof Error && error.message.length > 0, error);
  }
};
const decoder = new TextDecoder("latin1");
await fuzz([pem, ...blocks, der, "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"],
(input, random) => {
  const text = decoder.decode(input);
  const armoured = `-----BEGIN CERTIFICATE-----\n${Buffer.from(input).toString("base64")
    .replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
  const given = random.pick([text, armoured, input]);
  failed(() => tlsContext({ ca: given }));
  failed(() => tlsContext({ cert: given, key: pem }));
  failed(() => tlsContext({ cert: pem, key: given }));
  failed(() => tls.createSecureContext({ cert: given, key: given, ca: given,
                                         passphrase: text.slice(0, 8) }));
  if (crypto.X509Certificate) failed(() => new crypto.X509Certificate(given).subject);
  if (crypto.createPrivateKey) failed(() => crypto.createPrivateKey(given));
});
