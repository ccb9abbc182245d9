// Bodies whose clone is read first, and forms whose fields look like others'.
const form = new FormData();
form.append("a", "b");
for (const make of [() => "x", () => new Blob(["x"]), () => form, () => new Uint8Array([65]),
  () => (async function* () {
    yield "one";
    yield new Uint8Array([66]);
  })()]) {
  const response = new Response(make());
  const clone = response.clone();
  const [first, second] = [await clone.text(), await response.text()];
  console.log(first === second, response.bodyUsed, clone.bodyUsed);
}
const partly = new Response("abc").clone();
const copy = partly.clone();
console.log(partly.bodyUsed, copy.bodyUsed);
const reader = partly.body.getReader();
await reader.read();
console.log(partly.bodyUsed, copy.bodyUsed, await copy.text());

async function parsed(disposition) {
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const text = `--x\r\nContent-Disposition: form-data${disposition}\r\n\r\nv\r\n--x--\r\n`;
  try {
    const all = await new Response(text, { headers }).formData();
    for (const [name, value] of all) console.log(name, value.name ?? value);
  } catch (error) {
    console.log(`${error}`);
  }
}
await parsed('; name="a; filename="; filename="b"');
await parsed('; filename="; name="; name="c"');
await parsed('; name="d\\"; filename="e"');
await parsed("; name=f");
await parsed('; NAME="%22%0d%0A"');
await parsed('; name="g" filename="h"');
await parsed('; name="g');
await parsed("");
