// node:path/win32 on any system.
import { win32 as w } from "node:path";
const paths = ["C:\\a\\..\\b\\", "c:a/b", "\\\\server\\share\\x\\..\\y", "//server/share", "a\\b/../../..\\c", "/x//y/", "", ".", "C:", "C:\\", "\\\\?\\C:\\z", "f.tar.gz", ".rc", "C:\\d\\e.js", "x\\", "C:/", "..\\q.", "\\a"];
for (const p of paths) {
  console.log(JSON.stringify([p, w.normalize(p), w.isAbsolute(p), w.dirname(p), w.basename(p), w.extname(p)]));
  console.log(JSON.stringify(w.parse(p)));
}
console.log(w.join("a", "..", "\\b", "c/d"), w.join("\\\\", "s", "t"), w.join("//s", "t"), w.join(""));
console.log(w.resolve("C:\\a", "b", "..\\c"), w.resolve("C:\\a", "\\b"), w.resolve("C:\\a", "D:\\x", "y"), w.resolve("\\\\s\\t", "u"), w.resolve("C:\\", "D:\\x", "C:y"));
console.log(w.relative("C:\\a\\b", "C:\\A\\c"), w.relative("C:\\a", "D:\\a"), w.format({ dir: "C:\\x", name: "n", ext: "e" }), w.toNamespacedPath("C:\\x"));
