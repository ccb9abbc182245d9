// The order of jobs: awaits, reactions, thenables, async generators.
const log = [];
const p = Promise.resolve();
(async () => { log.push('a0'); await null; log.push('a1'); await p; log.push('a2'); })();
(async () => { log.push('b0'); await { then(r) { log.push('then'); r(); } }; log.push('b1'); })();
p.then(() => log.push('t1')).then(() => log.push('t2')).then(() => log.push('t3'));
(async () => { try { await Promise.reject(new Error('no')); } catch (e) { log.push(e.message); } finally { log.push('f'); } })();
(async () => { log.push(await (async () => p)()); })().then(() => log.push('nested'));
new Promise((r) => r(p)).then(() => log.push('resolved by promise'));
async function* gen() { try { yield 1; yield Promise.resolve(2); } finally { log.push('gen done'); } }
(async () => { for await (const v of gen()) log.push('v' + v); for await (const v of [3, Promise.resolve(4)]) log.push('v' + v); })();
const g = gen();
Promise.all([g.next(), g.next(), g.return('r'), g.next()]).then((r) => log.push(JSON.stringify(r)));
Promise.allSettled([1, Promise.reject(2)]).then((r) => log.push(JSON.stringify(r)));
Promise.any([Promise.reject(1), Promise.resolve(5)]).then((v) => log.push('any' + v));
Promise.any([Promise.reject(1)]).catch((e) => log.push(e.constructor.name, e.errors.join()));
Promise.race([new Promise(() => {}), Promise.resolve('race')]).then((v) => log.push(v));
Promise.resolve(1).finally(() => log.push('fin')).then((v) => log.push('after fin ' + v));
log.push('sync');
let turns = 0;
(function wait() { if (turns++ < 40) Promise.resolve().then(wait); else console.log(log.join('\n')); })();
