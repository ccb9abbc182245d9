// Records of all kinds, from a name server of this program's own: answers over
// UDP and TCP, and answers that nobody should believe.
import dns from "node:dns";
import { datagram, listen, resolve } from "rill:net";

const encode = (name) => [
  ...name.split(".").filter(Boolean)
    .flatMap((label) => [label.length, ...Buffer.from(label)]), 0];
const short = (n) => [n >> 8 & 255, n & 255];
const long = (n) => [...short(n >>> 16), ...short(n & 65535)];
const text = (s) => [Buffer.byteLength(s), ...Buffer.from(s)];
const pointer = [0xc0, 12]; // to the question's name

// name: [type, bytes of each record] or a response code, or a mangling.
const zone = {
  "mail.example": [15, [...short(10), ...text("mx1"), ...pointer],
                   [...short(20), ...encode("mx2.example")]],
  "text.example": [16, [...text("one"), ...text("two")], text("grüß dich")],
  "_sip._tcp.example": [33, [...short(1), ...short(2), ...short(5060),
                             ...encode("sip.example")]],
  "ns.example": [2, encode("a.ns.example"), encode("b.ns.example")],
  "alias.example": [5, encode("real.example")],
  "soa.example": [6, [...encode("ns.example"), ...encode("root.example"),
                      ...long(2026112101), ...long(3600), ...long(600),
                      ...long(604800), ...long(60)]],
  "caa.example": [257, [0, ...text("issue"), ...Buffer.from("ca.example")]],
  "naptr.example": [35, [...short(100), ...short(10), ...text("u"), ...text("sip"),
                         ...text("!x!y!"), ...encode("")]],
  "v4.example": [1, [10, 1, 2, 3], [10, 1, 2, 4]],
  "v6.example": [28, [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  "4.3.2.1.in-addr.arpa": [12, encode("host.example")],
  "long.example": [16, ...Array.from({ length: 40 }, (_, i) => text(`${i}`.repeat(50)))],
  "refused.example": 5,
  "broken.example": 2,
  "empty.example": [15],
  "loop.example": [5, [0xc0, 0x2c]],
  "short.example": [1, [1, 2]],
};

function answerTo(query, isTcp) {
  let at = 12;
  const labels = [];
  while (query[at] !== 0) {
    labels.push(String(query.subarray(at + 1, at + 1 + query[at])));
    at += 1 + query[at];
  }
  at += 5;
  const name = labels.join("."), found = zone[name];
  if (name === "silent.example") return null;
  const code = found === undefined ? 3 : typeof found === "number" ? found : 0;
  const [type, ...records] = Array.isArray(found) ? found : [0];
  const flags = 0x8180 | code;
  const head = (count, more) => [...query.subarray(0, 2), ...short(flags | more),
                                 0, 1, ...short(count), 0, 0, 0, 0,
                                 ...query.subarray(12, at)];
  const body = records.flatMap((bytes) => [...pointer, ...short(type), 0, 1,
                                           ...long(300), ...short(bytes.length),
                                           ...bytes]);
  if (!isTcp && body.length > 1000) return Buffer.from(head(0, 0x200));
  return Buffer.from([...head(records.length, 0), ...body]);
}

const hostname = "127.0.0.1";
// A port that is free for both.
let udp, tcp;
while (tcp === undefined) {
  udp = await datagram({ hostname });
  tcp = await listen({ hostname, port: udp.address.port }).catch(async (error) => {
    await udp.close();
    if (error.code !== "EADDRINUSE") throw error;
  });
}
const { port } = udp.address;
(async () => {
  for await (const { data, address, port } of udp) {
    const query = Buffer.from(data), answer = answerTo(query, false);
    if (answer === null) continue;
    const forged = Buffer.from(answer); // another's id
    forged[0] ^= 1;
    await udp.send(forged, address, port);
    await udp.send(answer, address, port);
  }
})();
(async () => {
  for await (const connection of tcp) {
    const query = Buffer.from(await connection.read()).subarray(2);
    const answer = answerTo(query, true);
    // In two pieces.
    await connection.write(Buffer.from([...short(answer.length), answer[0]]));
    await connection.write(answer.subarray(1));
    await connection.closeWrite();
  }
})();

const servers = [`${hostname}:${port}`];
for (const [name, type] of [
  ["mail.example", "MX"], ["text.example", "TXT"], ["_sip._tcp.example", "SRV"],
  ["ns.example", "NS"], ["alias.example", "CNAME"], ["soa.example", "SOA"],
  ["caa.example", "CAA"], ["naptr.example", "NAPTR"], ["v4.example", "A"],
  ["v6.example", "AAAA"], ["1.2.3.4", "PTR"],
]) {
  console.log(type, JSON.stringify(await resolve(name, type, { servers })));
}
console.log((await resolve("long.example", "TXT", { servers })).length);
for (const name of ["nobody.example", "refused.example", "broken.example",
                    "empty.example", "loop.example", "short.example",
                    "a..example", `${"x".repeat(64)}.example`]) {
  const type = { "loop.example": "CNAME", "short.example": "A" }[name] ?? "MX";
  await resolve(name, type, { servers }).catch((error) =>
    console.log(error.code, error.message.replace(/x{64}/, "xx")));
}
await resolve("silent.example", "MX", { servers, timeout: 50 })
  .catch((error) => console.log(error.name));
const controller = new AbortController();
setTimeout(() => controller.abort(), 20);
await resolve("silent.example", "MX", { servers, signal: controller.signal })
  .catch((error) => console.log(error.name));

dns.setServers(servers);
console.log(dns.getServers()[0] === servers[0]);
console.log(await dns.promises.resolve4("v4.example", { ttl: true }));
console.log(await dns.promises.resolveSoa("soa.example"));
console.log(await dns.promises.reverse("1.2.3.4"));
await new Promise((done) => dns.resolveMx("mail.example", (error, list) =>
  done(console.log(error, list[1]))));
await new Promise((done) => dns.resolveTxt("nobody.example", (error) =>
  done(console.log(error.code, error.syscall, error.hostname))));
const resolver = new dns.Resolver({ timeout: 30, tries: 1 });
resolver.setServers(servers);
await new Promise((done) => resolver.resolveMx("silent.example", (error) =>
  done(console.log(error.code, error.message))));
const asked = new Promise((done) => resolver.resolveMx("silent.example", (error) =>
  done(console.log(error.code))));
setTimeout(() => resolver.cancel(), 5);
await asked;
for (const wrong of ["x", "1.2.3.4:99999", "1.2.3.4.5"]) {
  try {
    resolver.setServers([wrong]);
  } catch (error) {
    console.log(error.code);
  }
}
resolver.setServers(["::1", "[::1]:5353", "9.9.9.9"]);
console.log(resolver.getServers());
await udp.close();
await tcp.close();

// What both arguments of the callback are, and options that are none.
{
  const { promisify } = await import("node:util");
  console.log(await promisify(dns.lookup)("127.0.0.1"));
  console.log(await promisify(dns.lookup)("::1", { family: 6 }));
  const show = (e) => `${e.code} ${e.message}`;
  for (const options of [{ order: null, verbatim: null, family: null, hints: null, all: null },
                         undefined, null, 4, { family: "IPv4" }, { hints: 32 }, { order: "x" },
                         { verbatim: 1 }, { family: 7 }, { family: "x" }, { hints: 1 },
                         { hints: "1" }, { all: 1 }, "4", 5]) {
    try {
      dns.lookup("127.0.0.1", options, () => {});
      console.log((await dns.promises.lookup("127.0.0.1", options)).address);
    } catch (e) {
      console.log(show(e));
    }
  }
  for (const list of [[5, () => {}], ["x"], ["x", {}], ["x", {}, 5]]) {
    try {
      dns.lookup(...list);
    } catch (e) {
      console.log(show(e));
    }
  }
}
