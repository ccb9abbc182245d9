// SPDX-License-Identifier: MIT
// isolate: fresh
// Programs whose text nests deeper than any stack: each form of the syntax, as
// a script, in a function that is compiled when it is called, and as a module.
const N = 100000;
// Before, at the middle, behind; ends in a SyntaxError or the stack's limit, or
// is compiled.
async function compile(before, middle, after, n = N) {
  const text = before.repeat(n) + middle + after.repeat(n);
  const ends = [];
  for (const run of [
    () => (0, eval)(text),
    () => new Function(text),
    () => (0, eval)(`(async function* f() { ${text} })`)().next(),
    () => import("data:text/javascript," + text),
  ]) {
    try {
      await run();
      ends.push("compiled");
    } catch (error) {
      if (!(error instanceof Error)) throw new TypeError("no error was thrown");
      if (/call stack|recursion/.test(error.message)) ends.push("too deep");
      else ends.push(error.name);
    }
  }
  for (const end of ends) {
    if (!["compiled", "too deep", "SyntaxError", "RangeError", "TypeError", "ReferenceError"].includes(end)) throw new EvalError(end);
  }
}

//# parentheses: value | memory
await compile("(", "1", ")");
//# arrays: value | memory
await compile("[", "1", "]");
//# arrays without end: value | memory
await compile("[", "", "");
//# objects: value | memory
await compile("({a:", "1", "})");
//# objects, one expression: value | memory
await compile("x={a:", "1", "}");
//# object patterns: value | memory
await compile("({a:", "b", "} = {})");
//# blocks: value | memory
await compile("{", "", "}");
//# blocks without end: value | memory
await compile("{", "", "");
//# functions: value | memory
await compile("(function(){", "", "})");
//# function declarations: value | memory
await compile("function f(){", "", "}");
//# function calls: value | memory
await compile("f(", "1", ")");
//# arrows: value | memory
await compile("()=>", "1", "");
//# arrows with bodies: value | memory
await compile("()=>{", "", "}");
//# arrows with defaults: value | memory
await compile("(a=", "1", ")=>1");
//# async arrows: value | memory
await compile("async()=>", "1", "");
//# async arrows with defaults: value | memory
await compile("async(a=", "1", ")=>1");
//# arrow parameters that are patterns: value | memory
await compile("([", "a", "])=>1");
//# classes: value | memory
await compile("class A{m(){", "", "}}");
//# class expressions: value | memory
await compile("(class{x=", "1", "})");
//# class heritage: value | memory
await compile("class extends ", "A", "{}");
//# class heritage in parentheses: value | memory
await compile("(class extends (", "A", "){})");
//# class static blocks: value | memory
await compile("class A{static{", "", "}}");
//# class computed names: value | memory
await compile("class A{[", "1", "]}");
//# class fields: value | memory
await compile("class A{x=class ", "A{}", "{}}");
//# methods: value | memory
await compile("({m(){", "", "}})");
//# getters: value | memory
await compile("({get a(){", "", "}})");
//# generators: value | memory
await compile("function*g(){", "", "}");
//# async functions: value | memory
await compile("async function f(){", "", "}");
//# templates: value | memory
await compile("`${", "1", "}`");
//# tagged templates: value | memory
await compile("a`${", "1", "}`");
//# template chains: value | memory
await compile("a", "", "``");
//# unary minus: value | memory
await compile("- ", "1", "");
//# unary not: value | memory
await compile("!", "1", "");
//# unary plus and tilde: value | memory
await compile("+~", "1", "");
//# typeof: value | memory
await compile("typeof ", "1", "");
//# void: value | memory
await compile("void ", "1", "");
//# delete: value | memory
await compile("delete ", "1", "");
//# await: value | memory
await compile("await ", "1", "");
//# yield: value | memory
await compile("yield ", "1", "");
//# yield of yield: value | memory
await compile("yield* ", "[]", "");
//# new: value | memory
await compile("new ", "Object", "");
//# new with arguments: value | memory
await compile("new ", "Object", "()");
//# new of new in parentheses: value | memory
await compile("new (", "Object", ")");
//# increments: value | memory
await compile("++", "a", "");
//# members: value | memory
await compile("", "a", ".a");
//# members by index: value | memory
await compile("", "a", "[0]");
//# index in index: value | memory
await compile("a[", "0", "]");
//# optional members: value | memory
await compile("", "a", "?.a");
//# optional calls: value | memory
await compile("", "a", "?.()");
//# optional in optional: value | memory
await compile("a?.[", "0", "]");
//# calls of calls: value | memory
await compile("", "f", "()");
//# sums: value | memory
await compile("1+", "1", "");
//# sums to the right: value | memory
await compile("1+(", "1", ")");
//# texts: value | memory
await compile("'a'+", "'a'", "");
//# products: value | memory
await compile("1*", "1", "");
//# powers: value | memory
await compile("1**", "1", "");
//# and: value | memory
await compile("a&&", "a", "");
//# or: value | memory
await compile("a||", "a", "");
//# and or: value | memory
await compile("a&&b||", "a", "");
//# coalescing: value | memory
await compile("a??", "a", "");
//# comparisons: value | memory
await compile("1<", "1", "");
//# in: value | memory
await compile("a in ", "a", "");
//# private in: value | memory
await compile("#a in ", "a", "");
//# instanceof: value | memory
await compile("a instanceof ", "a", "");
//# commas: value | memory
await compile("1,", "1", "");
//# conditionals: value | memory
await compile("a?1:", "1", "");
//# conditionals in the middle: value | memory
await compile("a?", "1", ":1");
//# assignments: value | memory
await compile("a=", "1", "");
//# compound assignments: value | memory
await compile("a+=", "1", "");
//# logical assignments: value | memory
await compile("a??=", "1", "");
//# assignments of patterns: value | memory
await compile("[a]=", "[1]", "");
//# array patterns: value | memory
await compile("[", "a", "]=[]");
//# declarations of patterns: value | memory
await compile("var[", "a", "]=[]");
//# array pattern parameters: value | memory
await compile("function f([", "a", "]){}");
//# rest in rest: value | memory
await compile("[...", "a", "]=[]");
//# spread in spread: value | memory
await compile("[...", "[]", "]");
//# if else: value | memory
await compile("if(a);else ", ";", "");
//# if in if: value | memory
await compile("if(a)", ";", "");
//# if with blocks: value | memory
await compile("if(a){", "", "}");
//# while: value | memory
await compile("while(0)", ";", "");
//# do while: value | memory
await compile("do ", ";", "while(0);");
//# for: value | memory
await compile("for(;0;)", ";", "");
//# for in: value | memory
await compile("for(a in {})", ";", "");
//# for of: value | memory
await compile("for(a of [])", ";", "");
//# for await: value | memory
await compile("for await(a of [])", ";", "");
//# for head: value | memory
await compile("for(a of ", "[]", ");");
//# with: value | memory
await compile("with({})", ";", "");
//# labels: value | memory
await compile("a:", ";", "");
//# switch: value | memory
await compile("switch(1){case 1:", "", "}");
//# switch heads: value | memory
await compile("switch(", "1", "){}");
//# try: value | memory
await compile("try{", "", "}catch{}");
//# catch: value | memory
await compile("try{}catch{", "", "}");
//# catch patterns: value | memory
await compile("try{}catch([", "a", "]){}");
//# finally: value | memory
await compile("try{}finally{", "", "}");
//# throw: value | memory
await compile("throw ", "1", "");
//# let in blocks: value | memory
await compile("{let a;", "", "}");
//# closures in blocks: value | memory
await compile("{let a;()=>a;", "", "}");
//# using: value | memory
await compile("{using a=null;", "", "}");
//# super: value | memory
await compile("({m(){super.a(", "1", ")}})");
//# default parameters: value | memory
await compile("function f(a=", "1", "){}");
//# import calls: value | memory
await compile("import(", "'a'", ")");
//# import meta: value | memory
await compile("import.meta.a(", "1", ")");
//# regular expressions: value | memory
await compile("/(", "", ")/");
//# comments: value | memory
await compile("/*", "", "*/");
//# html comments: value | memory
await compile("<!--", "\n1", "");
//# hashbang: value | memory
await compile("#!", "\n1", "");
//# strings: value | memory
await compile("'", "", "'");
//# directives: value | memory
await compile("'use strict';", "1", "");
//# semicolons: value | memory
await compile(";", ";", ";");
//# object spread: value | memory
await compile("({...", "a", "})");
//# computed properties: value | memory
await compile("({[", "1", "]:1})");
//# eval: value | memory
await compile("eval(", "1", ")");
//# async generator methods: value | memory
await compile("({async*m(){", "", "}})");
//# arguments with spread: value | memory
await compile("f(...", "[]", ")");
//# chains of then: value | memory
await compile("a", "", ".then(x=>x)");
//# functions in arguments: value | memory
await compile("f(function(){", "", "})");
//# arrows in arguments: value | memory
await compile("f(()=>", "1", ")");
//# arrows in arguments, blocks: value | memory
await compile("f(()=>{", "", "})");
//# arrows in defaults: value | memory
await compile("((a=()=>", "1", ")=>1)");
//# parentheses or arrows: value | memory
await compile("(a,", "b", ")");
//# arrows of arrows in parentheses: value | memory
await compile("(()=>", "1", ")");
//# covers: value | memory
await compile("({a=", "1", "})");
//# covers that are no patterns: value | memory
await compile("[{a=1},", "1", "]");
//# export: value | memory
await compile("export{", "", "}");
//# declarations: value | memory
await compile("var a=1;", "", "", 20000);
//# names: value | memory
new Function(Array.from({ length: 50000 }, (_, i) => `var a${i};`).join(""));
//# names in one declaration: value | memory
new Function("let " + Array.from({ length: 50000 }, (_, i) => `a${i}`).join());
//# parameters: value | error
new Function(...Array.from({ length: 70000 }, (_, i) => `a${i}`), "");
//# arguments: value | error
eval(`Math.max(${"1,".repeat(100000)}1)`);
//# elements: value | memory
eval(`[${"1,".repeat(500000)}]`).length;
//# properties: value | memory
eval(`({${Array.from({ length: 50000 }, (_, i) => `a${i}:1`).join()}})`);
//# cases: value | memory
eval(`switch (1) {${"case 2: break;".repeat(50000)}}`);
//# functions side by side: value | memory
eval("function f(){}".repeat(50000));
//# members of a class: value | memory
eval(`(class {${Array.from({ length: 20000 }, (_, i) => `m${i}(){}`).join("")}})`);
//# private members of a class: value | memory | error
eval(`(class {${Array.from({ length: 5000 }, (_, i) => `#m${i}(){}`).join("")}})`);
//# a long literal: value | memory
eval("'" + "a".repeat(1 << 22) + "'").length;
//# a long name: value | memory
eval("var " + "a".repeat(1 << 20) + " = 1");
//# a long number: value | memory
eval("1".repeat(1 << 20));
//# a long BigInt: value | memory
eval("1".repeat(1 << 17) + "n");
//# registers: value | error
new Function("a", `return ${"[".repeat(900)}${"f(".repeat(900)}1${")".repeat(900)}${"]".repeat(900)}`);
//# many temporaries: value | error
new Function("a", "return a(" + Array.from({ length: 3000 }, (_, i) => `a(${i})`).join() + ")");
//# jumps far away: value | error
new Function("a", `while (a) { if (a) continue; ${"a = a + 1; ".repeat(100000)} }`);
//# constants: value | error
new Function(`return [${Array.from({ length: 100000 }, (_, i) => `"s${i}"`).join()}]`)().length;
//# labels side by side: value | error
new Function(Array.from({ length: 20000 }, (_, i) => `a${i}: { break a${i}; }`).join(""));
//# scopes side by side: value | error | memory
new Function("{ let a; () => a }".repeat(20000));
//# templates of one text: value | error | memory
new Function("return `" + "${1}".repeat(50000) + "`")();
//# Function with closing braces: SyntaxError
new Function("}, function() {");
//# a text that is no UTF-16: value | error
eval("'\ud800'; '\udfff'");
//# texts of random tokens: value | memory
const tokens = "( ) [ ] { } , ; : ? . ?. ... => = + - * / ** ! ~ ++ -- a b 1 'x' ` ${ } /r/ function class extends super new this async await yield let const var if else for of in while do switch case default try catch finally throw return break continue with import export typeof void delete static get set #p".split(" ");
let seed = 1;
const random = (n) => (seed = seed * 1103515245 + 12345 & 0x7fffffff) % n;
for (let i = 0; i < 3000; i++) {
  const text = Array.from({ length: 1 + random(30) }, () => tokens[random(tokens.length)]).join(" ");
  try { new Function(text); } catch (e) { if (!(e instanceof SyntaxError)) throw e; }
}
//# conditions that lean left: value | memory
for (const link of ["a&&", "a||", "!a&&", "!a||", "a==1&&", "a&&b||", "a||b&&", "a??", "a<b&&", "typeof a&&"]) {
  for (const [head, tail] of [["if(", ");"], ["while(", ");"], ["for(;", ";);"], ["return ", ";"], ["return !(", ");"], ["a=", "?1:2;"], ["do;while(", ");"], ["return (", ")&&1"], ["f(", ")"], ["`${", "}`"]]) {
    try { new Function("a", "b", head + link.repeat(50000) + "a" + tail); } catch (e) { if (!(e instanceof RangeError || e instanceof SyntaxError)) throw e; }
  }
}
//# operands that lean left: value | memory
for (const link of ["a+", "a-", "a*", "a%", "a|", "a&", "a<<", "a==", "a===", "a<", "a,", "a instanceof ", "a in ", "'a'+", "1+", "`a`+", "a.b+", "f()+"]) {
  for (const [head, tail] of [["if(", ");"], ["return ", ";"], ["a=", "?1:2;"], ["f(", ")"], ["`${", "}`"], ["a[", "]=1"], ["({[", "]:1})"], ["switch(", "){}"], ["throw ", ""]]) {
    try { new Function("a", "b", "f", head + link.repeat(50000) + "a" + tail); } catch (e) { if (!(e instanceof RangeError || e instanceof SyntaxError)) throw e; }
  }
}
//# chains that lean left: value | memory
for (const link of [".a", "[0]", "()", "?.a", "?.()", "?.[0]", "``", ".a()", ".#p", "(0)(1)", "?.a.b()"]) {
  for (const [head, tail] of [["a", ""], ["delete a", ""], ["if(a", ");"], ["new a", "()"], ["a", "=1"], ["a", "++"], ["[a", "]=[1]"], ["for(a", " of b);"], ["super", ""], ["typeof a", ""], ["a??b", ""], ["return a", "?.b"], ["({a:a", "}={})"]]) {
    const text = head + link.repeat(50000) + tail;
    for (const make of [() => new Function("a", "b", text), () => new Function(`class C extends Object { #p; m(a, b) { ${text} } }`)]) {
      try { make(); } catch (e) { if (!(e instanceof RangeError || e instanceof SyntaxError)) throw e; }
    }
  }
}
