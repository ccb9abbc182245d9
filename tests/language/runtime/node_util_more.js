// MIMEType, parseEnv, system errors, aborted of node:util; node:punycode,
// node:sys, node:constants, node:process by name: what Node 20 prints.
import constants, { ENOENT, O_RDWR, PRIORITY_LOW, SIGTERM } from "node:constants";
import fs from "node:fs";
import os from "node:os";
import path, { _makeLong } from "node:path";
import * as win32 from "node:path/win32";
import * as named from "node:process";
import punycode, { toASCII, ucs2 } from "node:punycode";
import sys from "node:sys";
import util, { aborted, MIMEParams, MIMEType, parseEnv } from "node:util";

const tries = (list) => {
  for (const f of list) {
    try {
      console.log(JSON.stringify(f()));
    } catch (e) {
      console.log(e.name, e.code, e.message);
    }
  }
};

// MIMEType
for (const text of [
  "text/html", '  TEXT/Html ; Charset=UTF-8;x="a b"; y=""; z; =q; a=b c ', "text", "/x", "text/",
  "  te xt/html", "text/ht ml", 'text/html;a="un\\"q;b=c', 'text/html;a="x"junk;b=2',
  "text/html;a=1;A=2", "text/plain;é=1;b=é;c=\u0100", 'x/y;a="\\\\b"', 5, undefined,
  { toString: () => "a/b" }, "a/b\n;c=d\n", "a/b;c=d e;f=g\u0000", "text//html", "\u00a0a/b",
]) {
  tries([() => {
    const made = new MIMEType(text);
    return [made.type, made.subtype, made.essence, `${made.params}`, `${made}`, made];
  }]);
}
const mime = new MIMEType("a/b;c=d");
for (const [key, value] of [["type", "X"], ["type", ""], ["type", "a b"], ["subtype", "Q+J"],
                            ["subtype", "/"], ["subtype", 5], ["type", undefined]]) {
  tries([() => { mime[key] = value; return mime; }]);
}
const { params } = mime;
tries([
  () => params.set("N", "V"), () => params.set("a b", "x"), () => params.set("x", "\u0100"),
  () => params.set("n"), () => params.set("q", '"\\ x'), () => params.set("e", ""),
  () => params.get("N"), () => params.get("n"), () => params.get("C"), () => params.has("c"),
  () => params.delete("c"), () => [...params], () => [...params.keys()],
  () => [...params.values()], () => [...params.entries()], () => params.toString(), () => params,
  () => params[Symbol.iterator] === params.entries, () => params instanceof MIMEParams,
  () => `${new MIMEParams()}`, () => mime.params === params,
  () => Object.getOwnPropertyNames(MIMEType.prototype).sort(),
  () => Object.getOwnPropertyNames(MIMEParams.prototype).sort(),
  () => util.inspect(mime) + util.inspect(params),
]);

// parseEnv
const content = [
  "A=1", 'B="x y"', "C='q\\n'", 'D="a\\nb"', "# c", "E=1 # c", "export F=2", 'H="multi\nline"',
  "I=`back`", "K = sp ", "L='#' #x", 'M="a" trail', 'P="a#b"', "Q=a#b", 'R=  "q"  ', "S=\"it's\"",
  "T='say \"x\"'", "U=a=b=c", "W.X=1", "A=again", "", "N=\r", "O=5\r",
].join("\n");
console.log(parseEnv(content), parseEnv(""));
tries([() => parseEnv(5)]);
const file = `${os.tmpdir()}/rill_env_${process.pid}`;
fs.writeFileSync(file, "HOME=changed\nRILL_TEST_Q=\"a b\"\n");
tries([() => process.loadEnvFile("/nowhere/.env"),
       () => process.loadEnvFile(file), () => process.env.RILL_TEST_Q,
       () => process.env.HOME === "changed"]);
fs.unlinkSync(file);

// system errors
const map = util.getSystemErrorMap();
console.log(map instanceof Map, map.get(-2), map.get(-98), map.get(-3008), map.get(-4095));
tries([() => util.getSystemErrorName(-2), () => util.getSystemErrorName(-99999),
       () => util.getSystemErrorName(2), () => util.getSystemErrorName("x")]);
for (const values of [[-2, "open"], [-2, "open", "file.txt"], [-98, "listen", "why"],
                      [-9999, "x"], [2, "x"], ["a", "b"], [-1.5, "q"]]) {
  tries([() => {
    const e = util._errnoException(...values);
    return [e.name, e.message, e.errno, e.code, e.syscall, Object.keys(e)];
  }]);
}
for (const values of [[-98, "listen", "1.2.3.4", 80], [-98, "connect", "::1", 80, "extra"],
                      [-98, "connect", "/sock"], [-98, "connect", "h", 0, "x"],
                      [-9999, "c", "h", 1]]) {
  const e = util._exceptionWithHostPort(...values);
  console.log(e.name, e.message, Object.keys(e), e.address, e.port, e.errno, e.code);
}

// aborted
const { signal } = new AbortController();
for (const values of [[5], [signal], [signal, 5]]) {
  await aborted(...values).catch((e) => console.log(e.code, e.message));
}
console.log(await aborted(AbortSignal.abort(), {}));
const controller = new AbortController(), resource = {};
const waiting = aborted(controller.signal, resource);
controller.abort();
console.log((await waiting).type, typeof resource);

// path, sys, constants, process
console.log(_makeLong === path.toNamespacedPath, path.win32._makeLong("C:\\x"),
            win32.posix === path.posix, win32.win32 === path.win32, win32._makeLong("C:\\y"));
console.log(sys === util, ENOENT, O_RDWR, PRIORITY_LOW, SIGTERM, constants.RTLD_LAZY,
            constants.W_OK, "default" in constants);
console.log(named.exitCode, named.hasUncaughtExceptionCaptureCallback());
named.setUncaughtExceptionCaptureCallback(() => {});
tries([() => named.setUncaughtExceptionCaptureCallback(() => {}),
       () => named.setUncaughtExceptionCaptureCallback(5),
       () => named.hasUncaughtExceptionCaptureCallback(),
       () => named.setUncaughtExceptionCaptureCallback(null),
       () => named.hasUncaughtExceptionCaptureCallback()]);

// punycode
console.log(Object.keys(punycode), punycode.version);
tries([
  ...["mañana", "☃-⌘", "", "abc", "\ud83d\ude00x", "\ud800a", "A-b-Ü", "ü".repeat(40)]
    .map((text) => () => punycode.encode(text)),
  ...["maana-pta", "--dqo34k", "", "abc", "abc-", "x-h922l9", "é-", "99999999", "a-!", "-",
      "xn--a", "MAANA-PTA", "a-ba", "a-\u0100"].map((text) => () => punycode.decode(text)),
  ...["mañana.com", "джумла@джpумлатест.bрфa", "EXAMPLE.COM", "a。b．c｡ü", "Bücher.ch", "\x7f.x"]
    .map((text) => () => toASCII(text)),
  ...["xn--maana-pta.com", "x@xn--maana-pta.com", "XN--MAANA-PTA.com", "example.com", "xn--!",
      "xn--maana-pta。com"].map((text) => () => punycode.toUnicode(text)),
  () => ucs2.decode("abc\ud83d\ude00\ud800z"), () => ucs2.encode([97, 0x1f600, 0xd800]),
  () => ucs2.encode([0x110000]),
  () => [...punycode.decode(punycode.encode(`${"ü".repeat(200)}\u{10ffff}`))].length,
]);

// Texts of assertions, and arguments that are none
{
  const { default: assert } = await import("node:assert");
  const tell = (f) => {
    try {
      console.log(f());
    } catch (e) {
      console.log(e.code, e.message, e.operator, e.generatedMessage);
    }
  };
  tell(() => assert.equal(1, 2));
  tell(() => assert.notEqual(1, 1));
  tell(() => assert.equal(1, 2, ""));
  tell(() => assert.ok(false, ""));
  tell(() => assert.fail(""));
  tell(() => path.resolve(5));
  tell(() => path.resolve("/a", "b", null));
  tell(() => process.loadEnvFile(5));
}
