// What a file is by its name, and what cannot be loaded.
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
async function tried(specifier) {
  try {
    console.log(specifier, (await import(specifier)).default);
  } catch (error) {
    console.log(specifier, error.name, error.code);
  }
}
await tried('./fixtures/note.txt');
await tried('./fixtures/formats/style.css');
await tried('./fixtures/formats/addon.node');
await tried('./fixtures/formats/no_extension');
await tried('./fixtures/formats/detected.js');
await tried('./fixtures/formats/script.js');
for (const name of ['addon.node', 'odd.ext', 'no_extension', 'detected.js']) {
  try {
    console.log('require', name, require(`./fixtures/formats/${name}`));
  } catch (error) {
    console.log('require', name, error.name, error.code);
  }
}
