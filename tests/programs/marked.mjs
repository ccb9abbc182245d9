// marked renders its own README.
import { readFileSync } from "node:fs";
import { marked } from "marked";

process.stdout.write(
  marked.parse(readFileSync("node_modules/marked/README.md", "utf8")));
