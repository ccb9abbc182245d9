// await using: what is awaited, and when.
function r(name, fail) { return { name, [Symbol.dispose]() { console.log('dispose', name); if (fail) throw new Error(name); } }; }
function ar(name, fail) { return { name, async [Symbol.asyncDispose]() { console.log('adispose', name); if (fail) throw new Error(name); } }; }
(async () => {
  const tick = (async () => { for (let i = 0; i < 12; i++) { await 0; console.log('tick', i); } })();
  { await using a = ar('A'); await using n = null; using s = r('S'); await using b = r('B'); console.log('body'); }
  console.log('after 1');
  { await using n = null; console.log('null'); }
  console.log('after 2');
  try { await using a = ar('A', true), b = r('B', true); throw new Error('body'); } catch (e) { console.log(e.error.message, e.suppressed.error.message, e.suppressed.suppressed.message); }
  for await (await using x of [ar(1), Promise.resolve(r(2))]) console.log('in', x.name);
  for (await using x of [ar(1), r(2)]) { console.log('in', x.name); break; }
  for (await using of of [ar('of')]) console.log(of.name);
  await tick;
  async function* ag() { await using x = ar('ag'); yield 1; yield 2; }
  for await (const v of ag()) { console.log(v); break; }
  console.log(await (async () => { await using x = ar('ret'); return 'value'; })());
})();
