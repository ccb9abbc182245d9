// SPDX-License-Identifier: MIT
// Building, concatenation, comparison, slicing, searching.
const N = 3000;
const words = Array.from({ length: 200 }, (_, i) => `word${i * 7919 % 200}`);
const text = words.join(" ");
const wide = words.join(" \u20ac ");
bench("append", () => {
  let s = "";
  for (let i = 0; i < N; i++) s += "abc";
  return s.length;
}, N);
bench("append and read", () => {
  let s = "", sum = 0;
  for (let i = 0; i < N; i++) { s += "x"; sum += s.charCodeAt(i >> 1); }
  return sum;
}, N);
bench("prepend", () => {
  let s = "";
  for (let i = 0; i < N; i++) s = "abc" + s;
  return s.length;
}, N);
bench("short concatenation", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += ("key" + (i & 63) + ":").length;
  return sum;
}, N);
bench("template literals", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += `item ${i} of ${N}: ${words[i % 200]}`.length;
  return sum;
}, N);
bench("join", () => words.join(",").length, 200);
bench("equality", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (words[i % 200] === words[(i * 7) % 200]) sum++;
  return sum;
}, N);
bench("order", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (words[i % 200] < words[(i * 7) % 200]) sum++;
  return sum;
}, N);
bench("charCodeAt", () => {
  let sum = 0;
  for (let i = 0; i < text.length; i++) sum += text.charCodeAt(i);
  return sum;
}, text.length);
bench("charCodeAt of UTF-16", () => {
  let sum = 0;
  for (let i = 0; i < wide.length; i++) sum += wide.charCodeAt(i);
  return sum;
}, wide.length);
bench("fromCharCode", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += String.fromCharCode(97 + i % 26).length;
  return sum;
}, N);
bench("slice and substring", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += text.slice(i, i + 20).length + text.substring(i, i + 3).length;
  return sum;
}, 2000);
bench("indexOf and includes", () => {
  let sum = 0;
  for (let i = 0; i < 200; i++) sum += text.indexOf(words[i]) + (text.includes("nothing") ? 1 : 0);
  return sum;
}, 400);
bench("startsWith and endsWith", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) {
    if (text.startsWith("word")) sum++;
    if (words[i % 200].endsWith("9")) sum++;
  }
  return sum;
}, 2 * N);
bench("split by a string", () => text.split(" ").length, 200);
bench("split in characters", () => text.split("").length, text.length);
bench("replace and replaceAll", () =>
  text.replace("word5", "x").length + text.replaceAll("word", "w").length, 200);
bench("case", () => text.toUpperCase().toLowerCase().length, text.length);
bench("trim and pad", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += words[i % 200].padStart(12).trim().length;
  return sum;
}, N);
bench("repeat", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += "ab".repeat(i & 31).length;
  return sum;
}, 500);
bench("hash of characters", () => {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h;
}, text.length);
bench("localeCompare", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += words[i % 200].localeCompare(words[(i * 7) % 200]);
  return sum;
}, 1000);
