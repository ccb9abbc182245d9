// rollup bundles the ES modules of rxjs, with tree shaking and a source map.
import { resolve } from "node:path";
import { rollup } from "rollup";

const entry = "\0entry";
const bundle = await rollup({
  input: entry,
  external: ["tslib"],
  onwarn: (warning) => console.log("warning", warning.code),
  plugins: [{
    name: "entry",
    resolveId(id, from) {
      if (id === entry) return id;
      if (id === "tslib") return null;
      if (from === entry) {
        return resolve("node_modules/rxjs/dist/esm/internal", id);
      }
      return resolve(from, "..", id.endsWith(".js") ? id : `${id}.js`);
    },
    load: (id) => id === entry ? `
      export { map } from "./operators/map.js";
      export { mergeMap } from "./operators/mergeMap.js";
      export { debounceTime } from "./operators/debounceTime.js";
      export { Subject } from "./Subject.js";
    ` : null,
  }],
});
for (const format of ["es", "cjs", "umd"]) {
  const { output } = await bundle.generate({
    format,
    name: "bundle",
    sourcemap: true,
  });
  for (const { code, map, exports } of output) {
    console.log(code);
    console.log(exports, map.mappings.length);
  }
}
console.log(bundle.watchFiles.map((file) => file.replace(process.cwd(), "")).sort());
await bundle.close();
