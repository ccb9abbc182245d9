// SPDX-License-Identifier: MIT
// How many columns of a terminal a text takes.
const controls =
  /[\x1b\x9b][[()#;?]*(?:(?:(?:[^\x07\x1b]*\x07)|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PR-TZcf-nq-uy=><~])))/g;
export const withoutControls = (text) => text.replace(controls, "");

const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

const isWide = (code) =>
  code >= 0x1100 &&
  (code <= 0x115f || code === 0x2329 || code === 0x232a ||
   (code >= 0x2e80 && code <= 0x303e) || (code >= 0x3041 && code <= 0x3247) ||
   (code >= 0x3250 && code <= 0x4dbf) || (code >= 0x4e00 && code <= 0xa4c6) ||
   (code >= 0xa960 && code <= 0xa97c) || (code >= 0xac00 && code <= 0xd7a3) ||
   (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe10 && code <= 0xfe19) ||
   (code >= 0xfe30 && code <= 0xfe6b) || (code >= 0xff01 && code <= 0xff60) ||
   (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1b000 && code <= 0x1b001) ||
   (code >= 0x1f200 && code <= 0x1f251) || (code >= 0x1f300 && code <= 0x1f64f) ||
   (code >= 0x1f680 && code <= 0x1f6fc) || (code >= 0x1f900 && code <= 0x1f9ff) ||
   (code >= 0x20000 && code <= 0x3fffd));

// Of one character.
export function columnsOf(character) {
  const code = character.codePointAt(0);
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  return zero.test(character) ? 0 : isWide(code) ? 2 : 1;
}

export function stringWidth(text) {
  let width = 0;
  for (const character of withoutControls(text)) width += columnsOf(character);
  return width;
}
