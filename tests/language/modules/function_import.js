// import() in a function made from text resolves as in the file that made it.
const load = new Function("name", "return import(name)");
load("./fixtures/data.json").catch((e) => console.log(e.name));
load("./fixtures/other.js").then((m) => console.log(m.default.value));
new Function("name", "return () => import(name)")("pkg")().then((m) => console.log(Object.keys(m).length > 0));
(0, eval)("(name) => import(name)")("./fixtures/other.js").then((m) => console.log(m.default.value));
