// Answers of a hostile name server, which has the question right: records of the
// type that was asked for, or an error with a code.
import { datagram, resolve } from "rill:net";
import { check, fuzz } from "./driver.mjs";

const hostname = "127.0.0.1";
const server = await datagram({ hostname });
const servers = [`${hostname}:${server.address.port}`];
const types = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28,
                SRV: 33, NAPTR: 35, CAA: 257 };
// After the question, whose name is at 12.
const record = (type, data) =>
  [0xc0, 12, type >> 8, type & 255, 0, 1, 0, 0, 0, 60, 0, data.length, ...data];
const name = [1, 97, 0xc0, 12];
const corpus = [
  record(1, [127, 0, 0, 1]), record(28, Array(16).fill(1)), record(16, [3, 97, 98, 99, 0]),
  record(15, [0, 10, ...name]), record(2, name), record(5, [0xc0, 12]), record(12, name),
  record(33, [0, 1, 0, 2, 0, 80, ...name]), record(6, [...name, ...name, ...Array(20).fill(2)]),
  record(257, [0, 5, 105, 115, 115, 117, 101, 97]),
  record(35, [0, 1, 0, 2, 1, 117, 1, 97, 1, 33, 0]),
  [...record(5, name), ...record(1, [1, 2, 3, 4])],
];
// What is answered to a question; trouble of its own makes the client ask again.
let answerTo;
const answering = (async () => {
  for await (const { data, address, port } of server) {
    await server.send(answerTo(data), address, port);
  }
})();
await fuzz(corpus, async (input, random) => {
  const type = random.pick(Object.keys(types));
  const code = random.below(8) === 0 ? random.below(16) : 0;
  const isTyped = random.below(2) === 1;
  const count = random.below(4);
  answerTo = (question) => {
    const end = question.length - 11; // then comes EDNS
    const answer = new Uint8Array(end + input.length);
    answer.set(question.subarray(0, end));
    answer.set(input, end);
    answer[2] = 0x81;
    answer[3] = code;
    answer[7] = count;
    answer[11] = 0;
    if (isTyped && input.length > 3) answer[end + 3] = types[type];
    return answer;
  };
  try {
    const records = await resolve("example.test", type, { servers });
    check(records.length > 0, records);
  } catch (error) {
    check(typeof error.code === "string", error);
  }
});
await server.close();
await answering;
