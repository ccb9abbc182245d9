// What the modules and the web's APIs answer is right, or memory was lacking.
import assert from "node:assert";
import { isUtf8, transcode } from "node:buffer";
import * as dns from "node:dns";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import querystring from "node:querystring";
import { StringDecoder } from "node:string_decoder";
import url from "node:url";
import util from "node:util";
import vm from "node:vm";
import zlib from "node:zlib";
import { createHash, createHmac } from "node:crypto";
import * as files from "rill:fs";
import { isIP } from "rill:net";
import { answers } from "../answers.mjs";

const here = import.meta.dirname;
const file = `${here}/localhost.pem`;
const text = "Grüße, 世界 😀 ".repeat(3);
const bytes = new TextEncoder().encode(text);
const thrown = (run) => {
  try {
    return run();
  } catch (error) {
    if (error.message === "Out of memory") throw error;
    return `${error.name} ${error.code}`;
  }
};

await answers({
  // Texts and bytes.
  isUtf8: () => [isUtf8(bytes), isUtf8(bytes.subarray(0, 3))],
  transcode: () => [...transcode(Buffer.from("Grüße"), "utf8", "latin1")],
  fatal: () => thrown(() => new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, 3))),
  legacy: () => ["shift_jis", "gb18030", "euc-kr", "windows-1252"].map((name) =>
    new TextDecoder(name).decode(new Uint8Array([0x41, 0x83, 0x65, 0xb0, 0xa1]))),
  label: () => thrown(() => new TextDecoder("none")),
  buffer: () => ["hex", "base64", "base64url", "latin1", "utf16le"].map((name) =>
    [Buffer.from(text).toString(name), Buffer.from("QUJD-_A", name).length]),
  find: () => [Buffer.from(text).indexOf("世界"), Buffer.from(text).lastIndexOf("😀")],
  decoder: () => {
    const decoder = new StringDecoder("utf8");
    return decoder.write(Buffer.from(bytes.subarray(0, 3))) + decoder.end();
  },
  base64: () => [btoa("abc"), atob("YWJj"), thrown(() => atob("*"))],
  wellFormed: () => [encodeURIComponent(text), thrown(() => decodeURIComponent("%"))],
  normalize: () => ["NFC", "NFD", "NFKC", "NFKD"].map((form) => text.normalize(form).length),
  compare: () => ["b", "ä", "a", "B"].sort(new Intl.Collator("de").compare),
  upper: () => [text.toLocaleUpperCase("tr"), text.toLocaleLowerCase("lt")],
  // URLs.
  url: () => [new URL("../x?y#z", "http://ä.example:80/a/b").href, URL.canParse("http://ä.example"),
              URL.canParse("http://a b/"), thrown(() => new URL("http://[::1"))],
  parameters: () => [...new URLSearchParams("b=1&a=%C3%A4&b=2")],
  urlLegacy: () => url.parse("http://user:pass@host:8080/p?q=1#h", true),
  urlPath: () => [url.fileURLToPath("file:///a%20b"), url.pathToFileURL("/ä b").href,
                  thrown(() => url.fileURLToPath("http://a"))],
  domain: () => [url.domainToASCII("ä.example"), url.domainToUnicode("xn--4ca.example")],
  query: () => [querystring.parse("a=1&b=%zz&a=2"), querystring.stringify({ a: [1, "ä"] })],
  webSocket: () => thrown(() => new WebSocket("ftp://a")),
  // Files.
  exists: () => [fs.existsSync(file), fs.existsSync(`${file}x`)],
  existsToo: async () => [await files.exists(file), await files.exists(`${file}x`)],
  stat: () => [fs.statSync(file).size, thrown(() => fs.statSync(`${file}x`)),
               fs.statSync(`${file}x`, { throwIfNoEntry: false }) === undefined],
  access: () => [thrown(() => fs.accessSync(file)), thrown(() => fs.accessSync(`${file}x`))],
  directory: () => fs.readdirSync(`${here}/cut_off`).sort(),
  entries: () => fs.readdirSync(`${here}/cut_off`, { withFileTypes: true })
    .map((entry) => [entry.name, entry.isFile()]).sort(),
  tree: () => fs.readdirSync(`${here}/cut_off`, { recursive: true }).sort(),
  glob: async () => (await Array.fromAsync(files.glob(`${here}/cut_off/*.mjs`)))
    .map((name) => path.basename(name)).sort(),
  walk: async () => (await Array.fromAsync(files.walk(`${here}/cut_off`)))
    .map(({ name }) => name).sort(),
  realpath: () => [path.basename(fs.realpathSync(file)), thrown(() => fs.realpathSync("/none"))],
  read: () => fs.readFileSync(file, "utf8").length,
  readUrl: () => fs.readFileSync(new URL("localhost.pem", import.meta.url)).length,
  lines: async () => (await Array.fromAsync(files.readLines(file))).length,
  path: () => [path.resolve("/a", "../b"), path.relative("/a/b", "/a/c"), path.parse("/a/b.c")],
  addresses: () => ["::1", "1.2.3.4", "fe80::1%1", "x"].map((name) => isIP(name)),
  servers: () => dns.getServers().length > 0,
  host: () => [os.EOL, os.hostname() !== "", os.userInfo().uid === process.getuid()],
  // Values.
  clone: () => structuredClone({ a: new Map([[1, new Date(0)]]), b: [1n, /x/g].length }).a.size,
  notCloned: () => thrown(() => structuredClone(() => {})),
  inspect: () => util.inspect({ a: [1, { b: new Map([["x", new Set([1])]]) }], c: class A {},
                                get d() { return 1; }, [Symbol("s")]: new Error("x").message }),
  format: () => util.format("%s %d %i %j %o", "a", 1.5, 2.5, { a: 1 }, [1]),
  deepEqual: () => [util.isDeepStrictEqual({ a: new Map([[{}, 1]]) }, { a: new Map([[{}, 1]]) }),
                    util.isDeepStrictEqual([1, { a: 2 }], [1, { a: 3 }])],
  assert: () => thrown(() => assert.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] })),
  styled: () => util.stripVTControlCharacters(util.styleText("red", "x")),
  arguments: () => util.parseArgs({ args: ["-f", "--bar", "b"], options: {
    foo: { type: "boolean", short: "f" }, bar: { type: "string" } } }).values,
  types: () => [util.types.isRegExp(/x/), util.types.isProxy(new Proxy({}, {}))],
  script: () => [vm.runInNewContext("a + 1", { a: 1 }), thrown(() => new vm.Script("a b"))],
  hash: () => [createHash("sha256").update("x").digest("hex"),
               createHmac("sha1", "k").update("x").digest("base64"),
               thrown(() => createHash("none"))],
  digest: async () => Buffer.from(await crypto.subtle.digest("SHA-1", bytes)).toString("hex"),
  zip: () => zlib.gunzipSync(zlib.gzipSync(bytes)).toString() === text,
  notZipped: () => thrown(() => zlib.inflateSync(Buffer.from("none"))),
  // Bodies.
  blob: async () => [await new Blob(["a", bytes]).text(), new Blob(["ab"]).slice(1).size],
  headers: () => [...new Headers([["B", "1"], ["a", "2"], ["b", "3"]])],
  badHeader: () => thrown(() => new Headers([["a b", "1"]])),
  json: async () => new Response('{"a": [1]}').json(),
  badJson: () => new Response("{").json(),
  form: async () => [...await new Response(new URLSearchParams("a=1&b=ä")).formData()],
  multipart: async () => {
    const form = new FormData();
    form.append("a", "1");
    form.append("f", new File(["x"], "n.txt"));
    return [...await new Response(form).formData()].map(([name, value]) =>
      [name, value.name ?? value]);
  },
  fetch: async () => (await fetch("data:text/plain;base64,YWJj")).text(),
  badFetch: () => fetch("data:text/plain;base64,*"),
  event: () => new Event("x", { bubbles: true }).bubbles,
  reader: () => new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsText(new Blob([new Uint8Array([0xe4])]), "latin1");
  }),
  stream: async () => (await Array.fromAsync(new Blob([bytes]).stream()
    .pipeThrough(new TextDecoderStream()))).join("").length,
});
