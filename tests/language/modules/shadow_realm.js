// ShadowRealm: what passes between realms, and what errors become.
const realm = new ShadowRealm();
console.log(realm.evaluate('1 + 1'), realm.evaluate('"text"'), realm.evaluate('undefined'));
realm.evaluate('globalThis.counter = 0; var hidden = 1');
console.log(typeof counter, typeof hidden, realm.evaluate('hidden'));

const add = realm.evaluate('(function add(a, b) { counter += a + b; return counter; })');
console.log(add.name, add.length, add(1, 2), realm.evaluate('counter'));
console.log(Object.getPrototypeOf(add) === Function.prototype, 'prototype' in add);
console.log(realm.evaluate('f => f(5)')((x) => x * 2));

function tried(f) {
  try {
    return f();
  } catch (error) {
    return `${error.constructor === TypeError || error.constructor === SyntaxError} ${error.name}: ${error.message}`;
  }
}
console.log(tried(() => realm.evaluate('({})')));
console.log(tried(() => realm.evaluate('...')));
console.log(tried(() => realm.evaluate('throw new RangeError("inside")')));
console.log(tried(() => add({})));
console.log(tried(() => new add()));
console.log(tried(() => realm.evaluate.call({}, '1')));
console.log(tried(() => ShadowRealm()));

console.log(await realm.importValue('./fixtures/realm_counter.mjs', 'next').then((next) => [next(), next()]));
const { next } = await import('./fixtures/realm_counter.mjs');
console.log(next(), await realm.importValue('./fixtures/realm_counter.mjs', 'next').then((f) => f()));
console.log(realm.evaluate('typeof loadedIn'), typeof loadedIn);
await realm.importValue('./fixtures/realm_counter.mjs', 'nothing').catch((error) => console.log(error.message));
await realm.importValue('./fixtures/missing.mjs', 'x').catch((error) => console.log(error instanceof TypeError));
await realm.importValue('./fixtures/commonjs/chain_a.cjs', 'default').catch((error) => console.log(error.message));
await realm.importValue('node:path', 'sep').catch((error) => console.log(error.message));

const nested = realm.evaluate('const inner = new ShadowRealm(); code => inner.evaluate(code)');
console.log(nested('typeof counter'), Object.prototype.toString.call(realm));
