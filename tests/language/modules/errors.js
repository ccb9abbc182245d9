// Errors of loading and linking name the importer, the specifier and the place.
const here = import.meta.dirname + '/fixtures/';
for (const name of ['no_export', 'no_module', 'nested', 'bad_import', 'cjs_name', 'ambiguous', 'reexport', 'json', 'source', 'not_there']) {
  try {
    await import(`./fixtures/errors/${name}.mjs`);
    console.log(name, 'was loaded');
  } catch (error) {
    console.log(`${name}: ${error.stack.replaceAll(here, '').replaceAll(import.meta.dirname + '/', '').replace(/\n    at [^\n]*errors\.js.*$/s, '')}`);
  }
}
