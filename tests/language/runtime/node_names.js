// Names that packages import of fs, assert, timers, events and console, and
// what they do: each line is what Node 20 prints.
import assert, { fail } from "node:assert";
import { fail as strictFail } from "node:assert/strict";
import consoleModule, { profile, profileEnd, timeStamp } from "node:console";
import events, { addAbortListener, captureRejections, EventEmitter, init } from "node:events";
import fs, {
  Dir, F_OK, FileReadStream, FileWriteStream, lchmod, lchmodSync, ReadStream, R_OK, W_OK,
  WriteStream, X_OK,
} from "node:fs";
import { tmpdir } from "node:os";
import { Readable, Writable } from "node:stream";
import { only, skip, test, todo } from "node:test";
import timers, { promises } from "node:timers";
import timersPromises from "node:timers/promises";
import { isCryptoKey, isKeyObject } from "node:util/types";

// fs
console.log(F_OK, R_OK, W_OK, X_OK, lchmod, lchmodSync, "lchmod" in fs);
const path = `${tmpdir()}/rill_names_${process.pid}`;
fs.writeFileSync(path, "content");
const reader = fs.createReadStream(path);
console.log(reader instanceof ReadStream, reader instanceof fs.ReadStream,
            reader instanceof FileReadStream, reader instanceof Readable,
            fs.ReadStream === ReadStream, fs.FileReadStream === FileReadStream);
for await (const chunk of reader) console.log(`${chunk}`);
// As a function on an object of one's own, as graceful-fs does it.
function Own(...values) {
  ReadStream.apply(this, values);
}
Own.prototype = Object.create(ReadStream.prototype, { constructor: { value: Own } });
console.log(ReadStream(path) instanceof ReadStream, new Own(path) instanceof Own);
for await (const chunk of new Own(path, { encoding: "utf8", start: 3 })) console.log(chunk);
class Counting extends WriteStream {
  _write(chunk, encoding, done) {
    this.count = (this.count ?? 0) + chunk.length;
    super._write(chunk, encoding, done);
  }
}
const writer = new Counting(path);
await new Promise((resolve) => writer.end("four", resolve));
console.log(writer.count, fs.readFileSync(path, "utf8"), writer instanceof FileWriteStream,
            writer instanceof Writable, Object.keys(WriteStream.prototype).length > 0);
for (const bad of [[5], [path, { start: 5, end: 2 }], [path, { start: "1" }]]) {
  try {
    ReadStream(...bad);
  } catch (e) {
    console.log(e.code, e.message);
  }
}
const dir = fs.opendirSync(tmpdir());
console.log(dir instanceof Dir, fs.Dir === Dir);
dir.closeSync();
fs.unlinkSync(path);

// assert.fail
for (const values of [[], ["x"], [new TypeError("t")], [1, 2], [1, 2, "m"], [1, 2, undefined, ">"],
                      [1, 2, new RangeError("r")]]) {
  for (const f of [fail, strictFail]) {
    try {
      f(...values);
    } catch (e) {
      console.log(e.name, e.message, e.code, e.operator, e.actual, e.expected, e.generatedMessage);
    }
  }
}
console.log(assert.fail === fail);

// timers, test, types, console
console.log(only === test.only, skip === test.skip, todo === test.todo, isCryptoKey({}),
            isKeyObject(null));
console.log(promises === timersPromises, timers.promises === promises);
console.log(profile("p"), profileEnd("p"), timeStamp("t"), consoleModule.profile === profile);

// events
console.log(captureRejections, events.captureRejections, init === EventEmitter.init);
for (const bad of [() => addAbortListener(5), () => addAbortListener({}, () => {}),
                   () => addAbortListener(new AbortController().signal),
                   () => { events.captureRejections = 1; },
                   () => new EventEmitter({ captureRejections: "yes" })]) {
  try {
    bad();
  } catch (e) {
    console.log(e.code, e.message);
  }
}
const controller = new AbortController();
const told = [];
controller.signal.addEventListener("abort", (e) => e.stopImmediatePropagation());
controller.signal.addEventListener("abort", () => told.push("stopped"));
addAbortListener(controller.signal, (e) => told.push(e.type));
addAbortListener(controller.signal, () => told.push("no"))[Symbol.dispose]();
controller.abort();
addAbortListener(controller.signal, (e) => told.push(`late ${e}`));
told.push("now");
await null;
console.log(told.join());
events.captureRejections = true;
const emitter = new EventEmitter();
events.captureRejections = false;
emitter.on("error", (e) => console.log("caught", e.message));
emitter.on("x", async () => { throw new Error("in a listener"); });
emitter.emit("x");
console.log(captureRejections);
