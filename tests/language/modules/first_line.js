const attempt = (f) => { try { f(); } catch (e) { console.log(e.message); } }, a = {}; attempt(() => a.b()); attempt(() => { for (const x of a.c) ; }); attempt(() => { const { z } = a.d; });
// The errors of a CommonJS module's first line name the right expressions.
attempt(() => a.b());
attempt(() => new RegExp("("));
exports.done = true;
