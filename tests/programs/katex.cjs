// katex sets formulas to HTML and MathML.
const katex = require("katex");

for (const formula of ["\\frac{-b \\pm \\sqrt{b^2 - 4ac}}{2a}", "\\int_0^\\infty e^{-x^2}\\,dx = \\frac{\\sqrt\\pi}{2}", "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}", "\\sum_{\\substack{i<n\\\\ j}} \\binom{n}{i} \\overbrace{x+y}^{\\text{über}}", "\\color{red}\\hat{\\mathbb{R}} \\xrightarrow[u]{o} \\left\\langle\\frac12\\right|"]) {
  console.log(katex.renderToString(formula, { displayMode: true }));
}
for (const bad of ["\\frac{1}", "\\nope", "x^2^3", "\\begin{matrix}"]) {
  try {
    console.log(katex.renderToString(bad));
  } catch (error) {
    console.log(error.name, error.message);
  }
}
