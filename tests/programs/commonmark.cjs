// commonmark renders READMEs to HTML and XML.
const { existsSync, readFileSync, readdirSync } = require("node:fs");
const { HtmlRenderer, Parser, XmlRenderer } = require("commonmark");

const parser = new Parser({ smart: true });
const html = new HtmlRenderer({ safe: true, sourcepos: true });
const xml = new XmlRenderer();
for (const name of readdirSync("node_modules").sort()) {
  const path = `node_modules/${name}/README.md`;
  if (!/^[n-z]/.test(name) || !existsSync(path)) continue;
  const tree = parser.parse(readFileSync(path, "utf8"));
  console.log(path, html.render(tree));
  console.log(xml.render(tree).length);
}
