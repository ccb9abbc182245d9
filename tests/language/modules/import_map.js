// --import-map: prefixes, scopes, what is forbidden.
// arguments: --import-map=fixtures/import_map/map.json
import react from 'react';
import fs, { existsSync } from 'files';
import uses from 'lib/deep/uses.mjs';
import exact from 'lib/deep/exact.mjs';

console.log(react, typeof fs.readFileSync, typeof existsSync, uses, exact);
async function tried(specifier) {
  try {
    console.log(specifier, (await import(specifier)).default);
  } catch (error) {
    console.log(specifier, error.name, error.code);
  }
}
for (const specifier of ['lib/react.mjs', 'lib/../map.json', 'lib/none.mjs', 'forbidden', 'bare', 'react/sub',
  './fixtures/import_map/vendor/react.mjs', './fixtures/moved.mjs'])
  await tried(specifier);
console.log(import.meta.resolve('react').endsWith('/fixtures/import_map/vendor/react.mjs'));
