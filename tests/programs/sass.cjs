// sass, compiled from Dart, compiles SCSS and the indented syntax.
const sass = require("sass");

const source = `
@use "sass:math"; @use "sass:list"; @use "sass:map"; @use "sass:color"; @use "sass:string"; @use "sass:selector";
$themes: (light: (fg: #222, bg: white), dark: (fg: #eee, bg: #111));
%placeholder { display: block; &:hover { opacity: .5; } }
@function fib($n) { @if $n < 2 { @return $n; } @return fib($n - 1) + fib($n - 2); }
@mixin theme($name, $args...) { $t: map.get($themes, $name);
  .#{$name} & { color: map.get($t, fg); background: color.mix(map.get($t, bg), blue, 80%); @content($t); } }
@for $i from 1 through 12 { .col-#{$i} { width: math.percentage(math.div($i, 12)); @extend %placeholder; } }
.card { $w: 10px; width: calc(100% - #{$w} * 2); max-width: min(#{$w * 3}, 50vw);
  @include theme(light) using ($t) { border: 1px solid color.scale(map.get($t, fg), $lightness: 20%); }
  @include theme(dark); @media screen and (min-width: 40em) { float: left; &__title { clear: both; } }
  @each $k, $v in (a: 1, b: 2em) { --#{$k}: #{$v}; #{$k}: $v + $v; } order: fib(18);
  @while $w > 7px { .p-#{math.div($w, 1px)} { padding: $w; } $w: $w - 1px; }
  content: string.to-upper-case("ab") + string.slice("hello", 2, -2); z: list.nth((x y z), -1); }
@supports (display: grid) and (not (a: b)) { .g { grid-template: "a b" 1fr / auto; } }
`;
for (const style of ["expanded", "compressed"]) {
  const { css, sourceMap } = sass.compileString(source, { style, sourceMap: true });
  console.log(css);
  console.log(sourceMap.mappings.length);
}
console.log(sass.compileString("a\n  b: c\n  &:d\n    e: 1 + 2\n", { syntax: "indented" }).css);
console.log(sass.compileString("a { b: f(3px, $s: 'x') }", { functions: {
  "f($n, $s)": ([n, s]) => new sass.SassString(`${n.value * 2}${s.text}`, { quotes: false }),
} }).css);
for (const bad of ["a { b: 1px + 1s }", "a { @include nope }", "a { b: c", "@error 'no'"]) {
  try {
    sass.compileString(bad);
  } catch (error) {
    console.log(error.message);
  }
}
