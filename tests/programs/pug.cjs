// pug compiles indented templates to functions.
const pug = require("pug");

const source = `
doctype html
mixin item(name, ...rest)
  li(class=["a", { b: rest.length > 1 }], data-x={ y: 1 }, style={ color: "red" })&attributes(attributes)
    = name
    block
html(lang="en")
  head: title #{title} !{raw}
  body
    //- hidden
    // shown
    each user, i in users
      +item(user.name, i, 2)(id="u" + i): b= user.age > 17 ? "adult" : "minor"
    else
      p none
    case users.length
      when 2: p two
      default: p many
    - let n = 0
    while n < 3
      span= n++
    script.
      if (a < b) alert("x");
    | plain #[em inline] text
`;
const locals = {
  title: "A < B",
  raw: "<x>",
  users: [{ name: "Ada", age: 36 }, { name: "Bob", age: 5 }],
};
console.log(pug.render(source, { ...locals, pretty: true }));
console.log(pug.render(source, locals));
console.log(pug.compileClient(source, { compileDebug: false }));
try {
  pug.compile("div\n  p(a=\n");
} catch (error) {
  console.log(error.message);
}
const render = pug.compile(source);
let length = 0;
for (let i = 0; i < 3000; i++) length += render(locals).length;
console.log(length);
