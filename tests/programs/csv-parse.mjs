// csv-parse: synchronous, as a stream, with types, quotes and bad records.
import { parse } from "csv-parse";
import { parse as parseNow } from "csv-parse/sync";

const text = "id;name;note;at\n" + Array.from({ length: 2000 }, (_, i) =>
  `${i};"Name ""${i}""";"multi\nline; ${"é".repeat(i % 5)}";2020-01-${String(i % 28 + 1).padStart(2, "0")}`).join("\r\n".slice(1)) + "\n";
const options = { delimiter: ";", columns: true, cast: (v, { column }) => column === "id" ? Number(v) : v };
const records = parseNow(text, options);
console.log(records.length, records[0], records.at(-1));
try {
  parseNow('a,b\n1,2,3\n"x');
} catch (error) {
  console.log(error.code, error.message);
}
console.log(parseNow("a,b\n1,2,3\n4", { relax_column_count: true })[1]);
let sum = 0, rows = 0;
const parser = parse({ ...options, trim: true, from: 3 });
parser.on("readable", () => {
  for (let record; (record = parser.read()) !== null;) {
    rows++;
    sum += record.id;
  }
});
parser.on("error", (error) => console.log(error.code));
parser.on("end", () => console.log("end", rows, sum, parser.info));
const bytes = Buffer.from(text);
for (let at = 0; at < bytes.length; at += 777) parser.write(bytes.subarray(at, at + 777));
parser.end();
for await (const row of parse("1,2\n3,4")) console.log(row);
