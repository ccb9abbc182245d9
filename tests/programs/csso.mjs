// csso minifies and restructures style sheets.
import { minify } from "csso";

const source = Array.from({ length: 120 }, (_, i) => `
.a${i % 40} { color: #ff0000; margin: 0px 0px ${i % 7}px 0px; padding: 0.50em }
.b${i % 30}, .a${i % 40} > li { color: rgb(255, 0, 0); background: none; margin-top: ${i % 5}px }
@media screen and (min-width: ${i % 3}00px) { .c { font-weight: bold; font: normal 12px/1 "A" } }
`).join("");
const { css, map } = minify(source, { sourceMap: true, filename: "a.css", comments: false });
console.log(css);
console.log(map.toString().length);
console.log(minify("a{color:red!important;color:blue}/*! keep */.x{}@charset 'x';a{b:calc( 1px + 2px )}").css);
