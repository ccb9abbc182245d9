// handlebars compiles templates to functions (by new Function) and to text.
const handlebars = require("handlebars");

handlebars.registerHelper("loud", (text) => text.toUpperCase());
handlebars.registerHelper("list", (items, options) =>
  `<ul>${items.map((item) => `<li>${options.fn(item)}</li>`).join("")}</ul>`);
handlebars.registerPartial("person", "{{name}} ({{age}}){{#if @partial-block}}{{> @partial-block}}{{/if}}");
const source = `{{!-- a comment --}}<h1>{{title}} {{{raw}}}</h1>
{{#each people as |p i|}}{{i}}/{{@index}}: {{> person p}}{{#unless p.adult}} minor{{/unless}}
{{else}}none{{/each}}
{{#list people}}{{loud name}} of {{../title}}{{/list}}
{{#with (lookup people 0)}}{{name}}{{/with}} {{#> person name="x" age=1}}block{{/person}}
{{~#if missing.deep.path}} a {{else if title}} b {{/if~}}
`;
const render = handlebars.compile(source);
const data = {
  title: "R & D",
  raw: "<b>",
  people: [
    { name: "Ada", age: 36, adult: true },
    { name: "Bob'", age: 5 },
  ],
};
console.log(render(data));
console.log(render({ title: "empty", people: [] }));
console.log(handlebars.precompile(source));
console.log(JSON.stringify(handlebars.parse(source), null, 1));
try {
  handlebars.compile("{{#if a}}\n{{/unless}}")({});
} catch (error) {
  console.log(error.message);
}
let length = 0;
for (let i = 0; i < 20000; i++) length += render(data).length;
console.log(length);
