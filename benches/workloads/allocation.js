// Allocation: trees that live and die, the collector's work.
function tree(depth) { return depth === 0 ? { left: null, right: null } : { left: tree(depth - 1), right: tree(depth - 1) }; }
function check(node) { return node.left === null ? 1 : 1 + check(node.left) + check(node.right); }
const lasting = tree(14);
function run() {
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += check(tree(12));
  return sum + check(lasting);
}
if (typeof bench === "function") bench("allocation", run);
else for (let i = 0; i < 30; i++) run();
