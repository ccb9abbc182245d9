// ejs compiles templates with `with` and new Function.
const ejs = require("ejs");

const source = `<% for (const user of users) { -%>
<li><%= user.name %> <%- user.raw %> <%# comment %><%% literal %></li>
<% } %><%- include("footer", { year: 1999 }) %>
`;
const options = { includer: () => ({ template: "(c) <%= year %> <%= title %>" }) };
const data = { title: "T&C", users: [{ name: "<a>", raw: "<i>" }, { name: "b", raw: "" }] };
const render = ejs.compile(source, options);
console.log(render(data));
console.log(ejs.compile(source, { ...options, client: true, compileDebug: false }).toString());
try {
  ejs.render("line\n<%= missing.thing %>\n", {});
} catch (error) {
  console.log(error.name, error.message);
}
let length = 0;
for (let i = 0; i < 20000; i++) length += render(data).length;
console.log(length);
