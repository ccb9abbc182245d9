// eslint lints and fixes a source with its recommended rules.
const { readFileSync } = require("node:fs");
const { Linter } = require("eslint");

const linter = new Linter();
const rules = Object.fromEntries([...linter.getRules()]
  .filter(([, rule]) => rule.meta.docs.recommended).map(([name]) => [name, 2]));
const config = {
  parserOptions: { ecmaVersion: 2022 },
  env: { node: true, es6: true },
  rules: { ...rules, semi: [2, "never"], quotes: [2, "single"], indent: [2, 4], "no-var": 2, "prefer-const": 2,
           "prefer-arrow-callback": 2, "object-shorthand": 2, complexity: [1, 5], "max-len": [1, 60] },
};
for (const file of ["mustache/mustache.js", "semver/classes/range.js"]) {
  const source = readFileSync(`node_modules/${file}`, "utf8");
  const messages = linter.verify(source, config, file);
  for (const m of messages.slice(0, 200)) console.log(`${m.line}:${m.column} ${m.ruleId} ${m.message}`);
  const { fixed, output, messages: left } = linter.verifyAndFix(source, config);
  console.log(messages.length, fixed, left.length);
  console.log(output);
}
linter.defineRule("no-foo", {
  meta: { fixable: "code" },
  create: (context) => ({
    "CallExpression > Identifier[name=/^foo/]"(node) {
      context.report({ node, message: "no {{ name }}", data: { name: node.name }, fix: (fixer) => fixer.replaceText(node, "bar") });
    },
  }),
});
console.log(linter.verifyAndFix("foo(); food(1, foo(2)); let foo", { rules: { "no-foo": 2 } , parserOptions: { ecmaVersion: 6 } }));
