// Import attributes: JSON, text and bytes, and what is refused.
import data from './fixtures/data.json' with { type: 'json' };
import note from './fixtures/note.txt' with { type: 'text' };
import * as whole from './fixtures/note.txt' with { type: 'text' };
import bytes from './fixtures/note.txt' with { type: 'bytes' };
import source from './attributes.js' with { type: 'text' };

console.log(data.list, JSON.stringify(note), whole.default === note);
console.log(bytes instanceof Uint8Array, bytes.length, bytes.buffer.immutable);
console.log(new TextDecoder().decode(bytes) === note);
console.log(source.startsWith('// Import attributes'));
try {
  bytes[0] = 1;
} catch (error) {
  console.log(error.name);
}
console.log(bytes[0]);
const again = await import('./fixtures/note.txt', { with: { type: 'text' } });
console.log(again === whole);

async function refused(specifier, attributes) {
  try {
    await import(specifier, { with: attributes });
    console.log('not refused');
  } catch (error) {
    console.log(error.name, error.code);
  }
}
await refused('./fixtures/data.json', {});
await refused('./fixtures/note.txt', { type: 'json' });
await refused('./fixtures/note.txt', { type: 'css' });
await refused('./fixtures/note.txt', { kind: 'text' });
await refused('node:fs', { type: 'text' });
