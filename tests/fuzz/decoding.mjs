// Text in all encodings: pieces come to the same as the whole, what is fatal is a
// TypeError, and UTF-8 and Latin-1 go there and back.
import { check, fuzz, pieces } from "./driver.mjs";

const labels = ["utf-8", "utf-16le", "utf-16be", "gbk", "gb18030", "big5", "euc-jp",
  "iso-2022-jp", "shift_jis", "euc-kr", "windows-1252", "iso-8859-2", "koi8-r",
  "macintosh", "x-user-defined", "replacement"].filter((label) => {
  try {
    return new TextDecoder(label);
  } catch {
    return false;
  }
});
const corpus = ["plain", "ä€😀", [0xff, 0xfe, 0x61, 0, 0x3d, 0xd8, 0, 0xde],
  [0x1b, 0x24, 0x42, 0x30, 0x21, 0x1b, 0x28, 0x42, 0x61], [0x8f, 0xa2, 0xb7],
  [0x81, 0x30, 0x81, 0x30, 0xa1, 0xa1], [0xef, 0xbb, 0xbf, 0x61, 0xf0, 0x9f, 0x98]];
await fuzz(corpus, (input, random) => {
  const label = random.pick(labels);
  const options = { ignoreBOM: random.below(2) === 1 };
  const whole = new TextDecoder(label, options).decode(input);
  const streaming = new TextDecoder(label, options);
  let joined = "";
  for (const piece of pieces(input, random)) {
    joined += streaming.decode(piece, { stream: true });
  }
  joined += streaming.decode();
  check(joined === whole, `${label}: ${JSON.stringify(joined)} in pieces, ${
    JSON.stringify(whole)} as a whole`);
  try {
    const strict = new TextDecoder(label, { fatal: true, ...options }).decode(input);
    check(strict === whole, `${label}: fatal makes a difference`);
  } catch (error) {
    check(error instanceof TypeError, error);
  }
  const bytes = Buffer.from(whole, "utf8");
  check(bytes.toString() === whole.toWellFormed(), "UTF-8 there and back");
  for (const name of ["hex", "base64", "base64url", "latin1"]) {
    const text = Buffer.from(input).toString(name);
    check(Buffer.from(text, name).equals(Buffer.from(input)), `${name} there and back`);
    Buffer.from(whole, name);
  }
});
