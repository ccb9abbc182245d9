// postcss: a plugin rewrites a style sheet; source map; syntax errors.
import postcss from "postcss";

const source = Array.from({ length: 300 }, (_, i) => `
.card-${i} > a:hover, #n${i}::before { color: RED; margin: ${i}px 0; --x: { y: z } }
@media (min-width: ${i}em) { .card-${i} { background: url("a;b.png") no-repeat !important } }
/* comment ${i} */`).join("\n");
const plugin = {
  postcssPlugin: "rewrite",
  Once(root, { result }) {
    result.warn("seen", { node: root.first });
  },
  Declaration: {
    color(declaration) {
      declaration.value = declaration.value.toLowerCase();
      if (!declaration.next()?.prop.includes("fill")) {
        declaration.cloneAfter({ prop: "fill", value: "currentColor" });
      }
    },
  },
  Rule(rule) {
    rule.selectors = rule.selectors.map((s) => s.replace("card", "box"));
  },
  AtRule: { media: (rule, { Declaration }) =>
    void rule.first.append(new Declaration({ prop: "order", value: rule.params.length })) },
  Comment: (comment) => void comment.remove(),
};
const result = await postcss([{ ...plugin, AtRuleExit: undefined,
  AtRule: { media(rule, helpers) {
    if (rule.first.last.prop !== "order") plugin.AtRule.media(rule, helpers);
  } } }]).process(source, { from: "a.css", to: "b.css", map: { inline: false } });
console.log(result.css);
console.log(result.map.toString().length, result.warnings().map(String));
for (const bad of ["a { b: c", "a { b c }", "} x", "a { b: 'c }"]) {
  try {
    postcss.parse(bad);
  } catch (error) {
    console.log(error.name, error.message, error.line, error.column);
    console.log(error.showSourceCode?.(false));
  }
}
