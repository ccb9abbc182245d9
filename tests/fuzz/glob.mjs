// Patterns: matching ends, soon, with an answer or a TypeError; a path's own
// text, quoted, matches it and nothing else of that length; without braces and
// "**" the answer is that of a plain matcher.
import { matchGlob } from "rill:fs";
import { check, fuzz } from "./driver.mjs";

// Backtracking, of what one segment can be.
function plain(pattern, text) {
  if (pattern === "") return text === "";
  if (pattern[0] === "*") {
    return plain(pattern.slice(1), text) ||
      (text !== "" && text[0] !== "/" && plain(pattern, text.slice(1)));
  }
  if (text === "") return false;
  if (pattern[0] === "?") {
    return text[0] !== "/" && plain(pattern.slice(1), text.slice(1));
  }
  return pattern[0] === text[0] && plain(pattern.slice(1), text.slice(1));
}

const decoder = new TextDecoder();
const quote = (text) => text.replace(/[\\*?[\]{}!,.]/g, "\\$&");

await fuzz(["a/*.js", "**/b/*", "{a,b}/[a-c]?", "[!x]{1..9}\\*", "a{b,{c,d}e}**",
  "src/**/*.{js,ts}", "*****a", "{,,}{,,}", "[]a]", "[a-", "a//b/../c", "{1..99}"],
(input, random) => {
  const text = decoder.decode(input);
  const [pattern, path = "a/b.js"] = text.split("#", 2);
  let matches;
  try {
    matches = matchGlob(pattern, path);
  } catch (error) {
    check(error instanceof TypeError || error instanceof RangeError, error);
    return;
  }
  check(typeof matches === "boolean", matches);
  const name = pattern.replace(/[^a-z0-9 *?{}[\]!,]/g, "");
  if (name !== "") {
    check(matchGlob(quote(name), name), `quoted ${name}`);
    check(!matchGlob(quote(name), `${name}x`), `quoted ${name} and x`);
  }
  const simple = pattern.replace(/[^ab*?]/g, "").replace(/\*+/g, "*").slice(0, 12);
  const subject = Array.from({ length: random.below(8) },
                             () => random.pick("ab")).join("");
  if (simple !== "" && subject !== "") {
    check(matchGlob(simple, subject) === plain(simple, subject),
          `${simple} on ${subject}`);
  }
});
