// stylus compiles its own syntax.
const stylus = require("stylus");

const source = `
size = 4px
border-radius(n)
  -webkit-border-radius n
  border-radius n
for i in 1..5
  .w-{i}
    width (i * 20)%
    border-radius size * i
.box
  color darken(#3a6ea5, 10%)
  &:hover
    background rgba(mix(red, blue, 30%), .5)
  @media (min-width: 10em)
    margin size
  if size > 3px and true
    extra unit(size, 'em')
  @extend .w-2
$p
  a b
.q
  @extend $p
{'.z' + 1}
  w hsl(90, 50%, 20%)
`;
stylus(source).render((error, css) => console.log(error, css));
try {
  stylus("a\n  b: nope(\n").render();
} catch (error) {
  console.log(error.name, error.message.split("\n")[0]);
}
