// import defer: what is evaluated when, and what the namespace object is.
import defer * as a from './fixtures/defer/a.mjs';
import defer * as waits from './fixtures/defer/waits.mjs';
import defer * as throws from './fixtures/defer/throws.mjs';
import defer * as self from './fixtures/defer/self.mjs';
import { ns } from './fixtures/defer/again.mjs';
import * as eager from './fixtures/defer/again.mjs';
import defer from './fixtures/defer/default.mjs';

console.log('main', defer, ns === a, eager.ns === a);
console.log(a[Symbol.toStringTag], typeof a.then, 'then' in a, Object.isExtensible(a));
try {
  a.x = 2;
} catch (error) {
  console.log(error.name, '(not evaluated)');
}
console.log(a.x, a.default, Object.keys(a));
try {
  a.y = 2;
} catch (error) {
  console.log(error.message);
}
console.log('before waits');
console.log(waits.y);
for (let i = 0; i < 2; i++) {
  try {
    throws.x;
  } catch (error) {
    console.log(error.message);
  }
}
console.log(self.x);

const b = await import.defer('./fixtures/defer/b.mjs');
console.log('b is there', b[Symbol.toStringTag]);
console.log(b.value, 'value' in b);
console.log((await import.defer('./fixtures/defer/a.mjs')) === a);
await import.defer('./fixtures/defer/missing.mjs').catch((error) => console.log(error.code));
await import.source('./fixtures/defer/a.mjs').catch((error) => console.log(error.name));
const deferred = await import.defer('./fixtures/defer/c-tla.mjs');
console.log('c was evaluated', deferred.z);
function* phases() {
  for (let i = 0; i < 3; i++) yield import.defer('./fixtures/defer/b.mjs');
}
console.log((await Promise.all(phases())).every((x) => x === b));
