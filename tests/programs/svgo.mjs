// svgo optimizes pictures, in one go and plugin by plugin.
import { optimize } from "./node_modules/svgo/dist/svgo.browser.js";

const svg = `<?xml version="1.0"?><!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100.000 100" width="100">
<!-- c --><metadata>x</metadata><style>.a{fill:#ff0000;stroke:none}.b:hover{opacity:.5}</style><defs><linearGradient id="grad"><stop offset="0%" stop-color="rgb(0,0,255)"/></linearGradient></defs>
<g transform="translate(10.00001 20) rotate(45) scale(2)" class="a"><g><path d="M 10.123456,20.98765 L 30 20 L 30,40 h -20 z M 1 1 C 2 2 3 3 4 4 S 5 5 6 6 A 5 5 0 0 1 10 10"/></g><rect x="0" y="0" width="10" height="0"/></g>
<circle cx="5" cy="5" r="3" fill="url(#grad)" style="stroke-width:2;fill-opacity:0.50"/><text xml:space="preserve"> a  b </text><ellipse cx="1" cy="1" rx="2" ry="2" transform="matrix(1 0 0 1 5 5)"/>
${Array.from({ length: 100 }, (_, i) => `<path d="M${i}.${i} ${i * 1.37}Q${i * 0.77} 12 ${i * 1.1} ${i % 9}T${i} 4l.5.5-1-1" fill="#${(i * 99991 % 4096).toString(16).padStart(3, "0")}"/>`).join("\n")}</svg>`;
console.log(optimize(svg, { path: "a.svg", multipass: true, floatPrecision: 3 }).data);
for (const name of ["convertPathData", "convertTransform", "mergePaths", "convertShapeToPath", "removeDimensions", "sortAttrs", "prefixIds", "inlineStyles", "reusePaths"]) {
  const { data } = optimize(svg, { path: "a.svg", plugins: [name], js2svg: { pretty: true, indent: 1 } });
  console.log(name, data.length, data.slice(0, 700));
}
try {
  optimize("<svg><a></svg>");
} catch (error) {
  console.log(String(error));
}
