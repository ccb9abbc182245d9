// markdown-it renders the READMEs of many packages.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import MarkdownIt from "markdown-it";

const md = new MarkdownIt({ html: true, linkify: true, typographer: true });
const defaultFence = md.renderer.rules.fence;
md.renderer.rules.fence = (tokens, i, ...rest) =>
  `<!-- ${tokens[i].info} -->${defaultFence(tokens, i, ...rest)}`;
let files = 0;
for (const name of readdirSync("node_modules").sort()) {
  const path = `node_modules/${name}/README.md`;
  if (!/^[a-m]/.test(name) || !existsSync(path)) continue;
  files++;
  console.log(path, md.render(readFileSync(path, "utf8")));
}
console.log(files > 10);
console.log(JSON.stringify(md.parse("- a *b* `c`\n\n| x | y |\n|---|:-:|\n| 1 | 2 |", {}), null, 1));
