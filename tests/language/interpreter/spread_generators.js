// Generators and their delegates as sources of spread, rest, and builtins.
function* c(n){for(let i=0;i<n;i++) yield i;}
function* d(n){ yield* c(n); yield* {[Symbol.iterator](){ let i=0; return {next(){ return {get value(){return i}, get done(){ return i++>=n}}}}}}; return 7 }
console.log([...d(5)], Math.max(...d(9)), new Set(d(3)).size, Array.from(d(3)));
const [x,y,...z]=d(6); console.log(x,y,z);
function* bad(){ yield 1; throw new Error("e"); }
try { [...bad()] } catch (e) { console.log(e.message) }
let g; function* self(){ yield 1; [...g]; } g=self(); try { [...g] } catch(e){ console.log(e.message) }
console.log([...g]);
