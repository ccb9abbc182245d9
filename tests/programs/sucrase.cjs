// sucrase strips types and JSX.
const { readFileSync, readdirSync } = require("node:fs");
const { transform } = require("sucrase");

const folder = "node_modules/rxjs/src/internal";
for (const name of readdirSync(folder).filter((n) => n.endsWith(".ts")).sort()) {
  const { code, sourceMap } = transform(readFileSync(`${folder}/${name}`, "utf8"), { transforms: ["typescript", "imports"], sourceMapOptions: { compiledFilename: name }, filePath: name });
  console.log(code, sourceMap.mappings.length);
}
console.log(transform("const a = <A.B {...c} d='e'>{f?.g ?? <></>}</A.B>; enum X { Y = 1, Z } abstract class Q<T> { constructor(private x: T) {} }", { transforms: ["jsx", "typescript"] }).code);
