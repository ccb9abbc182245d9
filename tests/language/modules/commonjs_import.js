// CommonJS in a graph of ES modules: run in evaluation order, exports known by
// their text.
import './fixtures/commonjs/before.mjs';
import first, { one, two, three, four, five, six } from './fixtures/commonjs/first.cjs';
import * as literal from './fixtures/commonjs/literal.cjs';
import * as reexport from './fixtures/commonjs/reexport.cjs';
import * as star from './fixtures/commonjs/star.cjs';
import f, { property } from './fixtures/commonjs/function.cjs';
import ns from './fixtures/commonjs/uses_esm.cjs';
import { createRequire } from 'node:module';

console.log('main runs');
console.log(one, two, three, four, five, six, first.default);
console.log(Object.keys(await import('./fixtures/commonjs/first.cjs')));
console.log(Object.keys(literal), literal.f(), literal['d-e']);
console.log(Object.keys(reexport), reexport.default === literal.default);
console.log(Object.keys(star), star.spread);
console.log(f(), property, ns.value);
console.log(Object.keys(await import('./fixtures/commonjs/required_first.cjs')));
const require = createRequire(import.meta.url);
console.log(require('./fixtures/commonjs/first.cjs') === first);
for (let i = 0; i < 2; i++) {
  await import('./fixtures/commonjs/throws.cjs').catch((error) => console.log(error.message));
}
const sync = require('./fixtures/commonjs/sync.mjs');
console.log(sync.__esModule, sync.default, sync === ns);
