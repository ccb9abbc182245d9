// arguments: --enable-source-maps
function boom() { throw new Error("mapped"); }
const frames = (e) => e.stack.split("\n").slice(0, 2).map((l) =>
  l.replace(/\(.*\//, "("));
try {
  boom();
} catch (e) {
  console.log(frames(e));
}
// Awaiting, too.
(async () => {
  await null;
  try {
    await (async () => { await null; boom(); })();
  } catch (e) {
    console.log(frames(e));
  }
})();
//# sourceMappingURL=data:application/json;base64,eyJ2ZXJzaW9uIjogMywgInNvdXJjZXMiOiBbIm9yaWdpbmFsLnRzIl0sICJzb3VyY2VzQ29udGVudCI6IFsiLy8gdGhlIG9yaWdpbmFsXG5leHBvcnQgZnVuY3Rpb24gYm9vbSgpOiBuZXZlciB7XG4gIHRocm93IG5ldyBFcnJvcignbWFwcGVkJyk7XG59XG4iXSwgIm5hbWVzIjogW10sICJtYXBwaW5ncyI6ICI7QUFDTyxrQkFDTCxNQUFNO0FBREQifQ==
