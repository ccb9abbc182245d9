// mustache renders sections, partials, lambdas and its own delimiters.
import Mustache from "mustache";

const template = `{{=<% %>=}}<% title %>
<%={{ }}=%>{{#items}}
- {{name}}: {{&price}} {{^stock}}(sold out){{/stock}}{{> tag}}
{{/items}}{{#wrap}}a {{title}}{{/wrap}}
`;
const view = {
  title: "<Shop>",
  items: [
    { name: "a&b", price: "1 €", stock: 2 },
    { name: "c", price: '"2"', tags: ["x", "y"] },
  ],
  wrap: () => (text, render) => `<b>${render(text)}</b>`,
};
const partials = { tag: "{{#tags}}[{{.}}]{{/tags}}" };
console.log(Mustache.render(template, view, partials));
console.log(JSON.stringify(Mustache.parse(template)));
try {
  Mustache.render("{{#a}}", {});
} catch (error) {
  console.log(error.message);
}
let length = 0;
for (let i = 0; i < 20000; i++) {
  length += Mustache.render(template, view, partials).length;
}
console.log(length);
