// nunjucks: inheritance, macros, filters and asynchronous templates.
const nunjucks = require("nunjucks");

const files = {
  "base.html": `<title>{% block title %}base{% endblock %}</title>{% block body %}{% endblock %}`,
  "page.html": `{% extends "base.html" %}{% import "forms.html" as forms %}
{% block title %}{{ super() }} - {{ title | title }}{% endblock %}
{% block body %}{% for k, v in map %}{{ loop.index }}/{{ loop.length }} {{ k }}={{ v | default("none", true) }}
{% else %}empty{% endfor %}{{ forms.field("name", value="<x>") }}
{%- set total = 0 %}{% for n in [1, 2.5, 3] %}{% set total = total + n ** 2 %}{% endfor %} {{ total | round(1) }}
{{ "a,b;c" | replace(",", "-") | upper }} {{ items | groupby("kind") | dump | safe }} {{ items | sort(false, false, "n") | join(",", "n") }}
{{ "%s and %s" | format("x") if false else "else" }} {{ 7 // 2 }} {{ "b" in ["a", "b"] }}{% raw %}{{ raw }}{% endraw %}{% endblock %}`,
  "forms.html": `{% macro field(name, value="", type="text") %}<input name="{{ name }}" value="{{ value }}" type="{{ type }}">{% endmacro %}`,
};
const environment = new nunjucks.Environment({
  getSource: (name) => ({ src: files[name], path: name, noCache: false }),
}, { autoescape: true });
environment.addFilter("later", (text, done) =>
  setTimeout(done, 1, null, `later ${text}`), true);
const context = {
  title: "a page",
  map: { one: 1, two: "", three: "<3>" },
  items: [{ kind: "x", n: 3 }, { kind: "y", n: 1 }, { kind: "x", n: 2 }],
};
console.log(environment.render("page.html", context));
console.log(nunjucks.precompileString(files["page.html"], { name: "page" }));
environment.renderString("{{ x | later }}{% asyncEach i in [1, 2] %}{{ i }}{% endeach %}",
  { x: "on" }, (error, text) => {
    console.log(error, text);
    environment.renderString("{% if %}", {}, (e) => console.log(e.message));
  });
let length = 0;
for (let i = 0; i < 2000; i++) {
  length += environment.render("page.html", context).length;
}
console.log(length);
