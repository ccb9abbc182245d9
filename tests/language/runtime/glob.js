// rill:fs: glob and matchGlob.
import { glob, makeDirectory, matchGlob, symbolicLink, temporaryDirectory, writeFile } from "rill:fs";

const table = [
  ["*.js", "a.js dir/a.js .a.js js"], ["a?c", "abc ac a/c a\u{1f600}c"],
  ["[a-c]x", "ax cx dx -x"], ["[!a-c]x", "ax dx /x"], ["[]a]", "] a b"], ["[a", "[a a"], ["[a-]", "a - b"],
  ["**", "a a/b .a a/.b"], ["**/x", "x a/x a/b/x a/bx .a/x"], ["a/**", "a a/b a/b/c b/a"], ["a/**/b", "a/b a/x/b a/x/y/b ab"],
  ["{a,b{c,d}}.t", "a.t bc.t bd.t b.t"], ["x{1..3}", "x1 x3 x4"], ["{c..a}", "a b c d"], ["{a}", "{a} a"], ["{a,", "{a, a"],
  ["\\*", "* a"], ["a\\{b,c}", "a{b,c} ab"], [".*", ".a a"], ["*/", "a"], ["./a", "a"], ["/a/*", "/a/b a/b"], ["**/**/a", "a b/a"], ["", "a"],
  ["{a/b,c}/d", "a/b/d c/d"], ["*", "a ab"], ["a*b*c", "abc aXbYc ac"],
];
for (const [pattern, paths] of table) {
  console.log(JSON.stringify(pattern), paths.split(" ").filter((path) => matchGlob(pattern, path)));
}
console.log(matchGlob("*", ".a", { dotfiles: true }), matchGlob("A*", "abc", { caseSensitive: false }), matchGlob("[A-C]", "b", { caseSensitive: false }));
// Nothing takes longer than its length says
const start = performance.now();
console.log(matchGlob(`${"*a".repeat(50)}b`, "a".repeat(5000)), matchGlob(`${"**/".repeat(50)}b`, "a/".repeat(500)));
console.log(performance.now() - start < 2000);
for (const bad of [() => matchGlob("{a,b}".repeat(20), "a"), () => matchGlob("{1..99999999}", "a")]) {
  try { bad(); } catch (e) { console.log(e.name, e.message); }
}

await using base = await temporaryDirectory();
const cwd = base.path;
await makeDirectory(`${cwd}/src/lib/deep`, { recursive: true });
await makeDirectory(`${cwd}/node_modules/x`, { recursive: true });
await makeDirectory(`${cwd}/.git`);
for (const name of ["a.js", "b.ts", ".env", "src/c.js", "src/lib/d.js", "src/lib/deep/e.js", "node_modules/x/f.js", ".git/g.js"]) await writeFile(`${cwd}/${name}`, "");
await symbolicLink("../src", `${cwd}/src/loop`);
const find = async (patterns, options) => {
  const list = [];
  for await (const path of glob(patterns, { cwd, ...options })) list.push(path.replace(cwd, "CWD"));
  return list.join(" ");
};
for (const [patterns, options] of [
  ["*.js"], ["**/*.js"], [["**/*.js", "!node_modules/**"]], ["**/*.js", { exclude: ["**/lib"] }], ["**/*.js", { dotfiles: true }],
  ["src/**"], ["src/**", { kind: "directory" }], ["src/*/"], ["src/*/c.js"], ["src/loop/*"], ["**/c.js", { followLinks: true }],
  [["a.js", "*.js", "a.*"]], ["src/lib/../c.js"], ["A.JS", { caseSensitive: false }], ["no/such"], ["a.js/x"], [`${cwd}/*.ts`], [[]], ["{a,b}.*s"],
]) console.log(JSON.stringify(patterns).replaceAll(cwd, "CWD"), options ?? "", "->", await find(patterns, options));
for (const bad of [() => find(5), () => find([5]), () => find("*", { signal: AbortSignal.abort(new Error("why")) })]) {
  try { await bad(); } catch (e) { console.log(e.name, e.message); }
}
// Braces without end take time as the pattern is long, not its square.
const bracesStart = performance.now();
console.log(matchGlob("{".repeat(50000), "x"), matchGlob("{a,{b", "{a,{b"), matchGlob("{{a,b}", "{b"), matchGlob("{a,{b,c}}d", "cd"));
console.log(performance.now() - bracesStart < 5000);
