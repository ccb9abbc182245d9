// TextEncoder, TextDecoder, atob, btoa.
const log = (...words) => console.log(...words);
const encoder = new TextEncoder();
log(encoder.encode("aé€😀\ud800"), encoder.encoding);
const target = new Uint8Array(6);
log(encoder.encodeInto("aé€😀", target), target);
log(encoder.encodeInto("éé", new Uint8Array(3)));
{
  const detached = new Uint8Array(8);
  detached.buffer.transfer();
  log(encoder.encodeInto("aé", detached), encoder.encodeInto("€", detached));
}
const decode = (label, ...bytes) =>
  new TextDecoder(label).decode(Uint8Array.from(bytes));
log(decode("utf-8", 0xef, 0xbb, 0xbf, 0x61, 0xff, 0xe2, 0x82, 0x62));
log(decode("utf-16le", 0xff, 0xfe, 0x61, 0, 0x3d, 0xd8, 0, 0xde, 0x3d, 0xd8));
log(decode("utf-16be", 0, 0x61));
log(decode(" LATIN1 ", 0x80, 0xe9), new TextDecoder("latin1").encoding);
log(decode("shift_jis", 0x93, 0xfa, 0x96, 0x7b, 0xb1));
log(decode("euc-jp", 0xc6, 0xfc, 0xcb, 0xdc, 0x8f, 0xb0, 0xa1));
log(decode("iso-2022-jp", 0x1b, 0x24, 0x42, 0x46, 0x7c, 0x1b, 0x28, 0x42, 0x21));
log(decode("gbk", 0xd6, 0xd0, 0x80), decode("gb18030", 0x81, 0x30, 0x81, 0x30));
log(decode("big5", 0xa4, 0xa4, 0x88, 0x62), decode("euc-kr", 0xb0, 0xa1));
log(decode("koi8-u", 0xc1, 0xae), decode("windows-1251", 0xcf));
const streaming = new TextDecoder();
log(streaming.decode(new Uint8Array([0xf0, 0x9f]), { stream: true }) + "|" +
    streaming.decode(new Uint8Array([0x98, 0x80]), { stream: true }) + "|" +
    streaming.decode(new Uint8Array([0xe2])));
for (const make of [
  () => new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array([255])),
  () => new TextDecoder("nonsense"),
  () => new TextDecoder("replacement"),
  () => new TextDecoder().decode("text"),
  () => btoa("€"),
  () => atob("a"),
]) {
  try {
    log(make());
  } catch (error) {
    log(error.name, error.code);
  }
}
log(btoa("rill é"), atob(" cm ls bCDp\n"), atob("YQ=="), atob("YQ"));

const words = ReadableStream.from(["a\ud83d", "\ude00b", "\ud83d"])
    .pipeThrough(new TextEncoderStream());
const bytes = [];
for await (const chunk of words) bytes.push(...chunk);
log(bytes.map((byte) => byte.toString(16)).join(" "));
const pieces = ReadableStream.from(bytes.map((b) => Uint8Array.of(b)))
    .pipeThrough(new TextDecoderStream());
log(await Array.fromAsync(pieces));
