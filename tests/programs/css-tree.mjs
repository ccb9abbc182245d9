// css-tree parses, validates, walks and writes CSS.
import { readFileSync } from "node:fs";
import * as css from "css-tree";

const source = `@import url("x.css") screen; @font-face { font-family: "F" }
a:not(.b):nth-child(2n+1 of .c) > d::after{color:rgb(1 2 3/50%);width:calc(100% - (2px*3));colour:red}
@media not all and (width>=10px){e{transition:all .3s cubic-bezier(.1,.2,.3,1),x 1s;grid:"a b" 1fr/auto}}
f{--v: {a:b};filter:progid:x.y(z=1)}`;
const tree = css.parse(source, { positions: true, parseCustomProperty: true });
console.log(JSON.stringify(css.toPlainObject(css.clone(tree)), null, 1));
console.log(css.generate(tree));
css.walk(tree, { visit: "Declaration", enter(node) {
  const match = css.lexer.matchDeclaration(node);
  console.log(node.property, match.error?.message ?? "valid");
} });
for (const [property, value] of [["border", "1px solid red"], ["margin", "1px 2px 3px 4px 5px"],
                                 ["background", "url(a) center/cover, linear-gradient(to right, #fff, 30% blue)"]]) {
  const match = css.lexer.matchProperty(property, value);
  console.log(property, match.error?.message ?? JSON.stringify(match.matched).slice(0, 400));
}
css.parse("a{b:}c{d:e;;f g}", { onParseError: (error) => console.log(error.message, error.offset) });
const mdn = readFileSync("node_modules/mdn-data/css/properties.json", "utf8");
let nodes = 0;
for (const { syntax } of Object.values(JSON.parse(mdn))) {
  css.definitionSyntax.walk(css.definitionSyntax.parse(syntax), () => nodes++);
}
console.log(nodes > 1000, nodes);
