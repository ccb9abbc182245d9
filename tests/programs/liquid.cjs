// liquidjs renders Liquid templates.
const { Liquid } = require("liquidjs");

const engine = new Liquid({ templates: { layout: "<h1>{% block t %}x{% endblock %}</h1>", part: "[{{ a }}|{{ b | default: 'd' }}]" } });
engine.registerFilter("twice", (x) => `${x}${x}`);
const template = `{% layout "layout" %}{% block t %}{% assign xs = "b,a,c" | split: "," | sort %}{% for x in xs reversed limit: 2 %}{{ forloop.index }}{{ x | upcase | twice }}{% cycle "odd", "even" %}{% endfor %}
{% if n > 3 and s contains "ell" %}yes{% elsif n == empty %}no{% else %}maybe{% endif %}{% case n %}{% when 1, 5 %}five{% endcase %}{% render "part", a: n %}{% capture c %}{{ "now" | append: "!" }}{% endcapture %}{{ c }}
{{ "2020-02-03T04:05:06Z" | date: "%a %b %-d %Y %H:%M", 0 }} {{ 7 | divided_by: 2.0 | round: 1 }} {{ list | map: "k" | join: "-" }} {{ list | where: "k", 2 | json }} {{ "<a>" | escape }} {% tablerow i in (1..4) cols: 2 %}{{ i }}{% endtablerow %}{% raw %}{{ raw }}{% endraw %}{% endblock %}`;
engine.parseAndRender(template, { n: 5, s: "hello", list: [{ k: 1 }, { k: 2 }] }).then(async (text) => {
  console.log(text);
  for (const bad of ["{% if %}", "{% nope %}", "{{ a | }}", "{% for %}{% endfor %}"]) await engine.parseAndRender(bad).then(console.log, (e) => console.log(e.name, e.message));
  const parsed = engine.parse(template);
  let length = 0;
  for (let i = 0; i < 500; i++) length += engine.renderSync(parsed, { n: i, s: "x", list: [] }).length;
  console.log(length);
});
