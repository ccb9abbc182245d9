// FileReader, blob: and data: URLs, and MIME types.
const events = ["loadstart", "progress", "load", "abort", "error", "loadend"];
const read = (method, blob, ...rest) => new Promise((resolve) => {
  const reader = new FileReader();
  const seen = [];
  for (const type of events) {
    reader[`on${type}`] = (event) => {
      seen.push(`${type} ${event.loaded}/${event.total}`);
      if (type === "loadend") resolve([reader.result, reader.readyState, seen.join()]);
    };
  }
  reader[method](blob, ...rest);
});
const blob = new Blob(["h\u00e9"], { type: "text/plain" });
console.log(...await read("readAsText", blob));
console.log(...await read("readAsDataURL", blob));
console.log(...await read("readAsArrayBuffer", new Blob([])));
console.log(...await read("readAsBinaryString", blob));
console.log((await read("readAsText", new Blob([Uint8Array.of(0xff, 0xfe, 65, 0)])))[0]);
console.log((await read("readAsText", new Blob([Uint8Array.of(0xe9)]), "latin1"))[0]);

const reader = new FileReader();
reader.onabort = () => console.log("aborted", reader.readyState, reader.result);
reader.readAsText(blob);
try {
  reader.readAsText(blob);
} catch (error) {
  console.log(error.name);
}
reader.abort();

const url = URL.createObjectURL(blob);
const request = new Request(`${url}#fragment`);
console.log(await (await fetch(url)).text());
URL.revokeObjectURL(url);
const response = await fetch(request);
console.log(response.headers.get("content-type"), await response.text());
await fetch(url).catch((error) => console.log(error.message));

for (const text of ["data:Text/HTML;Charset=\"a b\";x=1;x=2,<p>", "data:;base64,aGk=",
                    "data:no,x", "data:a/b; c=d ;e,x"]) {
  const { headers } = await fetch(text);
  console.log(headers.get("content-type"));
}
