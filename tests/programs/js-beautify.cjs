// js-beautify lays out a minified script, CSS and HTML.
const { readFileSync } = require("node:fs");
const { css, html, js } = require("js-beautify");

const source = readFileSync("node_modules/lodash/lodash.min.js", "utf8");
console.log(js(source, { indent_size: 2, space_in_empty_paren: true }));
console.log(css("a{b:c;d:e}@media print{f>g,h{i:j!important}}"));
console.log(html("<div><ul><li>a</li><li>b<span>c</span></li></ul><script>" +
  "if(a){b()}else{c()}</script><style>a{b:c}</style></div>"));
