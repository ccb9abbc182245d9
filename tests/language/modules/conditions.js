// --conditions: more conditions of "exports" and "imports".
// arguments: --conditions=special,unused
const { default: custom } = await import('./fixtures/packages/custom.mjs');
console.log(custom);
