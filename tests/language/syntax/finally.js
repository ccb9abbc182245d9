// Every way through a finalizer, and iterators closed in order.
function* source(log) {
  try { yield 1; yield 2; } finally { log.push('closed'); }
}
function f(how) {
  const log = [];
  outer: for (const x of [1, 2]) {
    for (const y of source(log)) {
      try {
        if (how === 'break') break;
        if (how === 'outer') break outer;
        if (how === 'continue') continue outer;
        if (how === 'return') return log.push('return'), log;
        if (how === 'throw') throw log;
      } finally {
        log.push('finally ' + x + y);
      }
    }
  }
  return log;
}
for (const how of ['none', 'break', 'outer', 'continue', 'return', 'throw']) {
  try { console.log(how, f(how).join(', ')); }
  catch (log) { console.log(how, 'caught', log.join(', ')); }
}
function overrides() { try { return 1; } finally { return 2; } }
function keeps() { let x = 1; try { return x; } finally { x = 2; } }
function swallows() { for (;;) { try { throw 1; } finally { break; } } return 'out'; }
console.log(overrides(), keeps(), swallows());
console.log(eval('do { 1; try { 39 } finally { 42; break; } } while (false)'));
