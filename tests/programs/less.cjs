// less: mixins, guards, recursion, detached rules, functions, operations.
const less = require("less");

const source = `
@base: #3a6ea5; @sizes: 1px, 2px, 3px; @name: box; @rules: { x: y };
.rounded(@r: 4px; @rest...) when (isnumber(@r)) { border-radius: @r @rest; }
.loop(@i) when (@i > 0) { .w-@{i} { width: percentage((@i / 12)); .rounded(@i * 1px); } .loop(@i - 1); }
.loop(12);
.@{name} { color: darken(@base, 10%); background: fade(mix(@base, white, 30%), 50%);
  &:hover > & { color: spin(lighten(@base, 5%), 90); } @media (min-width: 10em) { width: (10px + 5) * 2; }
  &-x:extend(.w-3 all) { @rules(); content: ~"@{name}" e("raw") %("%d/%s", 1, "a"); }
  each(@sizes, { .s-@{index} { height: @value; } }); width: ~"calc(1px + @{base})"; }
#ns() { .m() { c: d; } @v: 5; } .use { #ns.m(); v: #ns[@v]; if: if((@base = #3a6ea5), 1, 2); }
@plugin-free: unit(5, px); .u { a: convert(1in, cm); b: round(1.67, 1); c: hsv(90, 100%, 50%); d: @plugin-free; }
`;
less.render(source, { math: "always" }).then(({ css }) => console.log(css));
for (const bad of ["a { b: @missing; }", ".a { .nope(); }", "a { b: c", "@a: @a; b { c: @a }"]) {
  less.render(bad).catch((error) => console.log(error.type, error.message, error.line, error.column));
}
