// Blob, File, FormData, crypto, console's odder corners.
const blob = new Blob(["a\r\n", new Uint8Array([98, 99]), new Blob(["déf"])],
                      { type: "Text/Plain" });
console.log(blob.size, blob.type, await blob.text());
const slice = blob.slice(-5, -1, "X/Y");
console.log(slice, await slice.bytes(), (await slice.arrayBuffer()).byteLength);
console.log(await new Blob(["a\r\nb\rc"], { endings: "native" }).text());
const big = new Blob([new Uint8Array(150000)]);
const sizes = [];
for await (const chunk of big.stream()) sizes.push(chunk.length);
console.log(sizes);
const reader = new Blob(["bytes"]).stream().getReader({ mode: "byob" });
console.log(await reader.read(new Uint8Array(3)));
const file = new File(["x"], "name.txt", { lastModified: 5, type: "a/b" });
const copy = structuredClone({ file, blob }, {});
console.log(copy.file instanceof File, copy.file.name, copy.file.lastModified,
            copy.file.type, await copy.blob.text() === await blob.text());
const url = URL.createObjectURL(file);
console.log(url.startsWith("blob:nodedata:"));
URL.revokeObjectURL(url);
try {
  URL.createObjectURL({});
} catch (error) {
  console.log(error.name);
}
const form = new FormData();
form.append("a", 1);
form.append("a", blob, "b.txt");
form.append("c", file);
form.set("c", "only");
console.log([...form].map(([k, v]) => [k, typeof v === "string" ? v : v.name]),
            form.getAll("a").length, form.has("z"));

const hex = async (name, text) => new Uint8Array(
    await crypto.subtle.digest(name, new TextEncoder().encode(text))).toHex();
console.log(await hex("SHA-1", "abc"));
console.log(await hex({ name: "sha-256" }, ""));
console.log((await hex("SHA-384", "abc")).length,
            (await hex("SHA-512", "abc")).slice(0, 16));
await crypto.subtle.digest("MD5", new Uint8Array()).catch((error) =>
  console.log(error.name, error.code));
console.log(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/.test(
    crypto.randomUUID()), crypto.getRandomValues(new Int16Array(4)).length);
try {
  crypto.getRandomValues(new Float32Array(1));
} catch (error) {
  console.log(error.name);
}
performance.mark("one", { detail: { x: 1 } });
performance.measure("whole", "one");
console.log(performance.getEntriesByType("mark")[0].detail,
            performance.getEntries().length, performance.now() > 0);
console.table(new Map([["key", { a: 1 }]]));
console.log({ error: Object.assign(new Error("x"), { stack: "Error: x\n    at y" }) });
