// import.meta, and what queries and encoded names do.
import path from 'node:path';
import { pathToFileURL, fileURLToPath } from 'node:url';
console.log(Object.keys(import.meta), Object.getPrototypeOf(import.meta));
console.log(import.meta.url === pathToFileURL(import.meta.filename).href);
console.log(path.basename(import.meta.filename), path.dirname(import.meta.filename) === import.meta.dirname);
console.log(import.meta.resolve('node:fs'), import.meta.resolve('fs'));
console.log(import.meta.resolve('./fixtures/counter.mjs') === new URL('./fixtures/counter.mjs', import.meta.url).href);
console.log(import.meta.resolve('./not there?x') === new URL('./not%20there?x', import.meta.url).href);
try {
  import.meta.resolve('no-such-package');
} catch (error) {
  console.log(error.code);
}
const strange = await import('./fixtures/str%61nge%20name%231.mjs');
console.log(strange.default === new URL('./fixtures/strange%20name%231.mjs', import.meta.url).href);
console.log(fileURLToPath(strange.default).endsWith('/strange name#1.mjs'));
const one = await import('./fixtures/counter.mjs?one'), two = await import('./fixtures/counter.mjs?two#x');
one.increment();
console.log(one.count, two.count, one === (await import('./fixtures/counter.mjs?one')));
console.log((await import('./fixtures/strange%20name%231.mjs?q=1#h')).default.split('/').at(-1));
console.log(import.meta === import.meta, Object.isExtensible(import.meta));
