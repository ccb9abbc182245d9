// arguments: --max-heap=64M
function deep() { return deep() + 1; }
try { deep(); } catch (e) { console.log(e.name, e.message); }
try { const list = []; for (;;) list.push(new Array(1000).fill(0)); } catch (e) { console.log(e.name, e.message); }
try { "x".repeat(2 ** 29); } catch (e) { console.log(e.name, e.message); }
try { new Uint8Array(200 * 1024 * 1024); } catch (e) { console.log(e.name); }
const text = "[".repeat(100000);
try { JSON.parse(text); } catch (e) { console.log(e.name); }
try { eval(text); } catch (e) { console.log(e.name); }
try { new RegExp("(".repeat(50000)); } catch (e) { console.log(e.name); }
console.log("alive");
