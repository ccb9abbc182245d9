// node:readline over a stream; node:net's tests of addresses.
import net from "node:net";
import readline from "node:readline";
import { Readable } from "node:stream";
const lines = readline.createInterface({ input: Readable.from([Buffer.from("one\ntw"), Buffer.from("o\r\nthr"), Buffer.from("ee é".slice(0, 4)), Buffer.from([0xc3]), Buffer.from([0xa9, 10, 10]), "last"]) });
for await (const line of lines) console.log(JSON.stringify(line));
const second = readline.createInterface({ input: Readable.from(["a\nb\n"]) });
second.on("line", (line) => console.log("line", line)).on("close", () => console.log("close"));
for (const address of ["1.2.3.4", "1.2.3.256", "01.2.3.4", "::1", "::", "1::2::3", "fe80::1%eth0", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "12345::", "1:2:3:4:5:6:7::", "x", "::1.2.3"]) console.log(address, net.isIP(address));
