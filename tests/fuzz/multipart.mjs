// Bodies of forms: parsing ends in a FormData or a TypeError; what is made of one
// is read as the same.
import { check, fuzz } from "./driver.mjs";

const part = (head, body) => `--xyz\r\n${head}\r\n\r\n${body}\r\n`;
const decoder = new TextDecoder();
const corpus = [
  `${part('Content-Disposition: form-data; name="a"', "1")}--xyz--\r\n`,
  `${part('Content-Disposition: form-data; name="f"; filename="a%22.txt"\r\n' +
          "Content-Type: text/plain", "text\r\n--xy")}--xyz--`,
  `${part("content-disposition: form-data; name=a", "")}${
    part('Content-Disposition: form-data; name="b\\"', "\r\n\r\n")}--xyz--\r\n`,
  "--xyz--\r\n", "--xyz\r\n\r\n--xyz--", "a=1&b=%41&%zz=+&=&&c",
];

async function entriesOf(form) {
  const list = [];
  for (const [name, value] of form) {
    list.push([name, typeof value === "string" ? value
      : [value.name, value.type || "application/octet-stream", await value.text()]]);
  }
  return JSON.stringify(list);
}

await fuzz(corpus, async (input, random) => {
  const type = random.below(4) === 0 ? "application/x-www-form-urlencoded"
    : `multipart/form-data; boundary=${random.pick(["xyz", '"xyz"', "xy", ""])}`;
  let form;
  try {
    form = await new Response(input, { headers: { "content-type": type } }).formData();
  } catch (error) {
    check(error instanceof TypeError, error);
    return;
  }
  // Lone line ends become CRLF, on the way out, and names may not hold them. What
  // stands for a quote or a line end in a name is not escaped itself.
  const made = new FormData();
  const clean = (text) => text.replace(/[\r\n]|%(22|0d|0a)/gi, "").toWellFormed();
  for (const [name, value] of form) {
    made.append(clean(name), typeof value === "string" ? clean(value)
      : new File([value], clean(value.name), { type: value.type }));
  }
  const again = await new Response(made).formData();
  check(await entriesOf(made) === await entriesOf(again), "there and back");
  const query = new URLSearchParams(decoder.decode(input));
  check(`${new URLSearchParams(`${query}`)}` === `${query}`, "query there and back");
});
