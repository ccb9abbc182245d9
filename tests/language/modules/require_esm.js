// require() of ES modules, and what module objects tell.
const sync = require('./fixtures/commonjs/sync.mjs');
console.log(sync.value, sync.default, sync.__esModule, sync === require('./fixtures/commonjs/sync.mjs'));
console.log(require('./fixtures/commonjs/whole.mjs')());
for (let i = 0; i < 2; i++) {
  try {
    require('./fixtures/commonjs/waits.mjs');
  } catch (error) {
    console.log(error.code);
  }
}
console.log(require('./fixtures/commonjs/cycle.mjs').default);
try {
  require('./fixtures/broken.mjs');
} catch (error) {
  console.log(error.name);
}
console.log(require('./fixtures/commonjs/chain_a.cjs'), module.parent, require.main === module);
console.log(require('./fixtures/data.json').list, require('node:path') === require('path'));
const from = { paths: ['/nowhere', __dirname + '/fixtures'] };
console.log(require.resolve('./data.json', from) === require.resolve('./fixtures/data.json'), require.resolve('fs', from));
try {
  require.resolve('./none', from);
} catch (error) {
  console.log(error.code);
}
console.log(Object.keys(require.cache).includes(require.resolve('./fixtures/commonjs/sync.mjs')));
